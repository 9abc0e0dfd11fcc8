import type { Stats } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { systemError, tooLong } from '../ports/system-error.ts';
import { kindOf, NO_FOLLOW, NO_WAIT, whereThere } from './node-calls.ts';
import { modeFor, readNow } from './small-files.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

/** The content of an ordinary file, however it grows meanwhile. `shown`: what the path is called in errors. */
export async function readWhole(path: string, shown: string, maxBytes: number): Promise<Uint8Array> {
  if (NO_FOLLOW === 0 && (await kindOf(path)) === 'link') throw systemError('ELOOP');
  const flags = constants.O_RDONLY | NO_FOLLOW | NO_WAIT;
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    if (!isExhausted(error)) throw error;
    return spare.lend(() => readNow(path, shown, flags, maxBytes));
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw systemError(stats.isDirectory() ? 'EISDIR' : 'EINVAL');
    if (stats.size > maxBytes) throw tooLong(shown, maxBytes);
    // One byte more than its size: it may be growing, and some files do not report a size.
    let out = new Uint8Array(stats.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(out, length, out.length - length, length);
      length += bytesRead;
      if (bytesRead === 0) return out.subarray(0, length);
      if (length > maxBytes) throw tooLong(shown, maxBytes);
      if (length < out.length) continue;
      const more = new Uint8Array(Math.min(2 * out.length, maxBytes + 1));
      more.set(out);
      out = more;
    }
  } finally {
    await file.close();
  }
}

/** Writes a new file beside it, which gets its name once it is on the disk; mode and owner stay. Its folder is to be synced afterwards. */
export async function replaceWhole(path: string, data: Uint8Array, readers?: 'owner'): Promise<void> {
  const old = await whereThere(lstat(path));
  if (old?.isSymbolicLink() === true) throw systemError('ELOOP');
  if (old?.isDirectory() === true) throw systemError('EISDIR');
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const handle = await open(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
    modeFor(readers, 0o666),
  );
  try {
    try {
      await handle.writeFile(data);
      if (old !== undefined) await keepRights(handle, old, readers);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Gives a file that replaces another the same permissions and owner; a process that may not change the owner leaves it. */
async function keepRights(file: FileHandle, old: Stats, readers?: 'owner'): Promise<void> {
  await file.chmod(modeFor(readers, old.mode & 0o7777)).catch(() => undefined);
  if (process.getuid?.() === 0) await file.chown(old.uid, old.gid).catch(() => undefined);
}
