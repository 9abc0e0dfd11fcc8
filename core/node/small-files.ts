import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemError, tooLong } from '../ports/system-error.ts';

/** What a small file needs, each in one go: for a process that has no descriptors left but those that it lends for it. */

/** The content of an ordinary file. `flags`: how it is opened. */
export function readNow(path: string, flags: number, maxBytes: number): Uint8Array {
  const descriptor = openSync(path, flags);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw systemError(stats.isDirectory() ? 'EISDIR' : 'EINVAL');
    if (stats.size > maxBytes) throw tooLong(path, maxBytes);
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

/** Replaces a file, durably, and keeps its permissions. */
export function replaceNow(path: string, data: Uint8Array): void {
  const temporary = `${path}.${process.pid}`;
  try {
    const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666);
    try {
      for (let done = 0; done < data.length; done += writeSync(descriptor, data, done));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const before = statSync(path, { throwIfNoEntry: false });
    if (before !== undefined) chmodSync(temporary, before.mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectoryNow(dirname(path));
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
