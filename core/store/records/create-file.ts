import { type Disk, diskCode } from '../../ports/disk.ts';

/** Errors of file systems without hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Makes a small file if there is none, in such a way that nobody ever sees it half-written; false where there is one. `unique` is
 * part of a temporary name. On a file system without hard links a reader may see it empty for a moment.
 */
export async function createFile(disk: Disk, path: string, data: Uint8Array, unique: string): Promise<boolean> {
  const temporary = `${path}.${unique}.new`;
  await disk.replaceFile(temporary, data);
  try {
    await disk.link(temporary, path);
    return true;
  } catch (error) {
    const code = diskCode(error);
    if (code === 'EEXIST') return false;
    if (code === undefined || !NO_LINKS.has(code)) throw error;
    return await createPlainly(disk, path, data);
  } finally {
    await disk.remove(temporary);
  }
}

async function createPlainly(disk: Disk, path: string, data: Uint8Array): Promise<boolean> {
  let file;
  try {
    file = await disk.open(path, 'create');
  } catch (error) {
    if (diskCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}
