import { type Disk, type DiskFile, diskCode } from '../ports/disk.ts';

const CHUNK = 1024 * 1024;
let copies = 0;

/**
 * Opens a file of ours for writing; `write` makes the folders above it where they are missing. A file with a second name may be
 * somebody else's under that name, so that it is copied first. `scratch`: prefix of the copy's temporary name.
 */
export async function openOwn(
  disk: Disk,
  path: string,
  mode: 'write' | 'append',
  scratch: string = `${path}.copy`,
): Promise<DiskFile> {
  try {
    return await disk.open(path, mode);
  } catch (error) {
    const code = diskCode(error);
    if (code === 'ENOENT' && mode === 'write') await disk.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    else if (code === 'EMLINK') await separate(disk, path, `${scratch}.${copies++}`);
    else throw error;
  }
  return disk.open(path, mode);
}

/** Replaces the file by a copy, which has no second name. Holes stay holes. */
async function separate(disk: Disk, path: string, copy: string): Promise<void> {
  await disk.remove(copy);
  const source = await disk.open(path, 'read');
  try {
    const target = await disk.open(copy, 'create');
    try {
      const size = await source.size();
      const buffer = new Uint8Array(Math.min(CHUNK, size));
      for (let at = 0; at < size;) {
        const count = await source.read(buffer, at);
        if (count === 0) break;
        const data = buffer.subarray(0, count);
        if (data.some((byte) => byte !== 0)) await target.write(data, at);
        at += count;
      }
      await target.truncate(size);
      await target.sync();
    } finally {
      await target.close();
    }
    await disk.rename(copy, path);
  } catch (error) {
    await disk.remove(copy).catch(() => undefined);
    throw error;
  } finally {
    await source.close();
  }
}
