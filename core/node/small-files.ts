import type { Stats } from 'node:fs';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemError, tooLong } from '../ports/system-error.ts';

/** Operations on small files, each in one go: for a process that has no descriptors left except spare ones. */

/** The content of an ordinary file. `flags`: how it is opened; `shown`: what it is called in errors. */
export function readNow(path: string, shown: string, flags: number, maxBytes: number): Uint8Array {
  const descriptor = openSync(path, flags);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw systemError(stats.isDirectory() ? 'EISDIR' : 'EINVAL');
    if (stats.size > maxBytes) throw tooLong(shown, maxBytes);
    const out = new Uint8Array(stats.size);
    let length = 0;
    while (length < out.length) {
      const count = readSync(descriptor, out, length, out.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return out.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces a file, durably, and keeps its permissions and owner. */
export function replaceNow(path: string, data: Uint8Array, readers?: 'owner'): void {
  const temporary = `${path}.${process.pid}`;
  try {
    const descriptor = openSync(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      modeFor(readers, 0o666),
    );
    try {
      for (let done = 0; done < data.length; done += writeSync(descriptor, data, done));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const before = lstatSync(path, { throwIfNoEntry: false });
    if (before?.isSymbolicLink() === true) throw systemError('ELOOP');
    if (before !== undefined) keepRights(temporary, before, readers);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectoryNow(dirname(path));
}

function keepRights(path: string, { mode, uid, gid }: Stats, readers?: 'owner'): void {
  try {
    chmodSync(path, modeFor(readers, mode & 0o7777));
    if (process.getuid?.() === 0) chownSync(path, uid, gid);
  } catch {
    // A process that may not change the owner leaves it as it is.
  }
}

export function syncDirectoryNow(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function listNow(path: string): string[] {
  return readdirSync(path);
}

/** A mode, without what it lets others do where nobody else may read. */
export function modeFor(readers: 'owner' | undefined, mode: number): number {
  return readers === 'owner' ? mode & ~0o077 : mode;
}
