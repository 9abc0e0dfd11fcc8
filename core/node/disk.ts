import type { BigIntStats } from 'node:fs';
import { constants, open as openFd } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';
import { diskError, systemError, tooLong } from '../ports/system-error.ts';
import { NodeDiskFile } from './disk-file.ts';
import { PromptWrites } from './prompt-writes.ts';

/** Zero where the system has none (Windows): there, `open` looks before it opens. */
const NO_FOLLOW: number = (constants as { O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;
/** Opening a pipe that somebody left in a folder must not block a thread until the pipe is written to. */
const NO_WAIT: number = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;
const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  append: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};
/** Bytes of the blocks that `stat` counts, whatever the file system's own block size. */
const STAT_BLOCK = 512;
const NANOS = 1e6;

/** The machine's file systems. */
export class NodeDisk implements Disk {
  readonly #prompt: PromptWrites | undefined;

  /** `writesOnLoop`: while the system takes what is written at once; for processes that show no window. */
  constructor(options: { readonly writesOnLoop?: boolean } = {}) {
    this.#prompt = options.writesOnLoop === true ? new PromptWrites() : undefined;
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return wrapped('open', path, async () => {
      if (NO_FOLLOW === 0 && (await kindOf(path)) === 'link') throw systemError('ELOOP');
      const fd = await new Promise<number>((resolve, reject) => {
        openFd(path, FLAGS[mode] | NO_FOLLOW | NO_WAIT, 0o666, (error, got) => (error ? reject(error) : resolve(got)));
      });
      const file = new NodeDiskFile(fd, path, mode === 'append', this.#prompt);
      try {
        await file.expectPlain();
        return file;
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  info(path: string): Promise<FileInfo | undefined> {
    return wrapped('look at', path, async () => {
      const stats = await whereThere(lstat(path, { bigint: true }));
      if (!stats) return undefined;
      const kind = nameKind(stats);
      return {
        kind,
        size: kind === 'file' ? Number(stats.size) : 0,
        allocated: kind === 'file' ? Number(stats.blocks) * STAT_BLOCK : 0,
        modified: Number(stats.mtimeNs) / NANOS,
        changed: Number(stats.ctimeNs) / NANOS,
        id: `${stats.dev}:${stats.ino}`,
      };
    });
  }

  list(path: string): Promise<readonly string[]> {
    return wrapped('list', path, async () => (await whereThere(readdir(path), ['ENOENT'])) ?? []);
  }

  makeDirectory(path: string): Promise<void> {
    return wrapped('make the directory', path, () => makeFolders(path));
  }

  rename(from: string, to: string): Promise<void> {
    return wrapped(`rename ${from} to`, to, () => rename(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return wrapped(`link ${from} as`, to, () => link(from, to));
  }

  remove(path: string): Promise<void> {
    return wrapped('remove', path, () => whereThere(unlink(path)));
  }

  removeDirectory(path: string): Promise<boolean> {
    return wrapped('remove the directory', path, async () => {
      try {
        await rmdir(path);
        return true;
      } catch (error) {
        // Solaris and some network file systems say EEXIST where others say ENOTEMPTY.
        if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
        throw error;
      }
    });
  }

  removeTree(path: string): Promise<void> {
    return wrapped('remove', path, () => rm(path, { recursive: true, force: true, maxRetries: 3 }));
  }

  syncDirectory(path: string): Promise<void> {
    return wrapped('sync the directory', path, async () => {
      // Windows cannot sync one, and keeps names in its journal.
      if (process.platform === 'win32') return;
      const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        await directory.sync();
      } catch (error) {
        // File systems without this (some network and FUSE ones) say so; nothing more can be done there.
        if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
      } finally {
        await directory.close();
      }
    });
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return wrapped('read', path, async () => {
      if (NO_FOLLOW === 0 && (await kindOf(path)) === 'link') throw systemError('ELOOP');
      const file = await whereThere(open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT));
      if (!file) return undefined;
      try {
        const stats = await file.stat();
        if (!stats.isFile()) throw systemError(stats.isDirectory() ? 'EISDIR' : 'EINVAL');
        if (stats.size > maxBytes) throw tooLong(path, maxBytes);
        // One byte more than it should have: it may grow meanwhile, and some files do not know their size.
        let out = new Uint8Array(stats.size + 1);
        let length = 0;
        for (;;) {
          const { bytesRead } = await file.read(out, length, out.length - length, length);
          length += bytesRead;
          if (bytesRead === 0) return out.subarray(0, length);
          if (length > maxBytes) throw tooLong(path, maxBytes);
          if (length < out.length) continue;
          const more = new Uint8Array(Math.min(2 * out.length, maxBytes + 1));
          more.set(out);
          out = more;
        }
      } finally {
        await file.close();
      }
    });
  }

  replaceFile(path: string, data: Uint8Array): Promise<void> {
    return wrapped('write', path, async () => {
      if ((await kindOf(path)) === 'link') throw systemError('ELOOP');
      await writeFileAtomic(path, undefined, {
        // Filled here: one write may take only a part of the data on a disk that is nearly full.
        tmpfileCreated: async (temporary) => {
          const file = await this.open(temporary, 'write');
          try {
            await file.write(data, 0);
          } finally {
            await file.close();
          }
        },
      });
      await this.syncDirectory(dirname(path));
    });
  }

  freeSpace(path: string): Promise<number> {
    return wrapped('look at', path, async () => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    });
  }

  realPath(path: string): Promise<string | undefined> {
    return wrapped('look at', path, () => whereThere(realpath(path)));
  }
}

async function wrapped<T>(action: string, path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw diskError(action, path, error);
  }
}

/** The result of a call; undefined where the path does not exist. */
async function whereThere<T>(
  call: Promise<T>,
  codes: readonly string[] = ['ENOENT', 'ENOTDIR'],
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function kindOf(path: string): Promise<FileInfo['kind'] | undefined> {
  const stats = await whereThere(lstat(path, { bigint: true }));
  return stats && nameKind(stats);
}

function nameKind(stats: BigIntStats): FileInfo['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Makes a directory and those above it. Node's own `recursive` never ends where the system says that a directory is missing
 * although the one above it exists, as Linux does in /proc.
 */
async function makeFolders(path: string, above = true): Promise<void> {
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
