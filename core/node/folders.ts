import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './error-code.ts';
import { orNow } from './node-calls.ts';
import { syncDirectoryNow } from './small-files.ts';

/** Makes the names in a folder durable, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync a directory, and keeps names in its journal.
  if (process.platform === 'win32') return;
  try {
    await orNow(openAndSync(path), () => syncDirectoryNow(path));
  } catch (error) {
    // File systems without this (some network and FUSE ones) say so; nothing more can be done there.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
  }
}

async function openAndSync(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Makes a directory and those above it. Node's own `recursive` never ends where the system says that a directory is missing
 * although the one above it exists, as Linux does in /proc.
 */
export async function makeFolders(path: string, above = true): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      const isThere = await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      if (isThere) return;
      throw error;
    }
    const parent = dirname(path);
    if (!above || parent === path) throw error;
    await makeFolders(parent);
    await makeFolders(path, false);
  }
}
