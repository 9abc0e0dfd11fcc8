import type { BigIntStats, Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { constants, open as openFd } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';
import { diskError, systemError, tooLong } from '../ports/system-error.ts';
import { NodeDiskFile } from './disk-file.ts';
import { named } from './named-error.ts';
import { canPin, NamedPlaces, type Places } from './places.ts';
import { PromptWrites } from './prompt-writes.ts';
import { listNow, readNow, replaceNow, syncDirectoryNow } from './small-files.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

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
const OWNER_EXECUTES = 0o100n;
const NANOS = 1e6;
const CAN_PIN = canPin();

interface NodeDiskOptions {
  /** Write on the event loop as long as the system takes the data at once; for processes without a window. */
  readonly writesOnLoop?: boolean;
  /** Whether folders are held by descriptors; by default where the system can. */
  readonly pinning?: boolean;
}

/** The machine's file systems. */
export class NodeDisk implements Disk {
  readonly #prompt: PromptWrites | undefined;
  readonly #places: Places;
  /** Replacements of one file follow each other. */
  readonly #replacing: Map<string, Promise<void>>;

  /** `view`: another disk's, with other places. */
  constructor(
    { writesOnLoop = false, pinning = CAN_PIN }: NodeDiskOptions = {},
    view?: { readonly of: NodeDisk; readonly places: Places },
  ) {
    if (view === undefined) {
      this.#prompt = writesOnLoop ? new PromptWrites() : undefined;
      this.#places = new NamedPlaces(pinning);
      this.#replacing = new Map();
    } else {
      this.#prompt = view.of.#prompt;
      this.#places = view.places;
      this.#replacing = view.of.#replacing;
    }
  }

  within(folder: string, real?: string): Disk {
    return new NodeDisk({}, { of: this, places: this.#places.within(folder, real) });
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#at('open', path, async (actual) => {
      if (NO_FOLLOW === 0 && (await kindOf(actual)) === 'link') throw systemError('ELOOP');
      const fd = await new Promise<number>((resolve, reject) => {
        openFd(actual, FLAGS[mode] | NO_FOLLOW | NO_WAIT, 0o666, (error, got) =>
          error ? reject(error) : resolve(got),
        );
      });
      const file = new NodeDiskFile(fd, path, mode === 'append', this.#prompt);
      try {
        const { confined, proves } = this.#places;
        await file.expectPlain(confined && (mode === 'write' || mode === 'append'));
        await proves?.(path, fd);
        return file;
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  info(path: string): Promise<FileInfo | undefined> {
    return wrapped('look at', path, async () => {
      const stats = await whereThere(this.#places.entry(path, (actual) => lstat(actual, { bigint: true })));
      if (!stats) return undefined;
      const kind = nameKind(stats);
      return {
        kind,
        size: kind === 'file' ? Number(stats.size) : 0,
        allocated: kind === 'file' ? Number(stats.blocks) * STAT_BLOCK : 0,
        modified: Number(stats.mtimeNs) / NANOS,
        changed: Number(stats.ctimeNs) / NANOS,
        ...(process.platform !== 'win32' && { executable: kind === 'file' && (stats.mode & OWNER_EXECUTES) !== 0n }),
        id: `${stats.dev}:${stats.ino}`,
      };
    });
  }

  list(path: string): Promise<readonly string[]> {
    return wrapped(
      'list',
      path,
      async () =>
        (await whereThere(
          this.#places.folder(path, (actual) => orNow(readdir(actual), () => listNow(actual))),
          ['ENOENT'],
        )) ?? [],
    );
  }

  makeDirectory(path: string): Promise<void> {
    return wrapped('make the directory', path, () => this.#makeFolders(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#at(`rename ${from} to`, to, (target) => this.#places.entry(from, (source) => rename(source, target)));
  }

  link(from: string, to: string): Promise<void> {
    return this.#at(`link ${from} as`, to, (target) => this.#places.entry(from, (source) => link(source, target)));
  }

  remove(path: string): Promise<void> {
    return wrapped('remove', path, () => whereThere(this.#places.entry(path, (actual) => unlink(actual))));
  }

  removeDirectory(path: string): Promise<boolean> {
    return wrapped('remove the directory', path, async () => {
      try {
        await this.#places.entry(path, (actual) => rmdir(actual));
        return true;
      } catch (error) {
        // Solaris and some network file systems say EEXIST where others say ENOTEMPTY.
        if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
        throw error;
      }
    });
  }

  syncDirectory(path: string): Promise<void> {
    return wrapped('sync the directory', path, () => this.#places.folder(path, (actual) => syncFolder(actual)));
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return wrapped('read', path, () =>
      whereThere(
        this.#places.entry(path, (actual) => readWhole(actual, path, maxBytes)),
        ['ENOENT', 'ENOTDIR'],
      ),
    );
  }

  replaceFile(path: string, data: Uint8Array): Promise<void> {
    const before = this.#replacing.get(path) ?? Promise.resolve();
    const next = before.then(() =>
      this.#at('write', path, (actual) => orNow(this.#replace(actual, path, data), () => replaceNow(actual, data))),
    );
    const settled = next
      .catch(() => undefined)
      .finally(() => {
        if (this.#replacing.get(path) === settled) this.#replacing.delete(path);
      });
    this.#replacing.set(path, settled);
    return next;
  }

  freeSpace(path: string): Promise<number> {
    return wrapped('look at', path, () =>
      this.#places.folder(path, async (actual) => {
        const { bavail, bsize } = await statfs(actual);
        return bavail * bsize;
      }),
    );
  }

  realPath(path: string): Promise<string | undefined> {
    return wrapped('look at', path, () => whereThere(realpath(path)));
  }

  #at<T>(action: string, path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return wrapped(action, path, () => this.#places.entry(path, task));
  }

  /** Writes a new file beside it, which gets its name once it is on the disk; mode and owner stay. */
  async #replace(actual: string, path: string, data: Uint8Array): Promise<void> {
    const old = await whereThere(lstat(actual));
    if (old?.isSymbolicLink() === true) throw systemError('ELOOP');
    if (old?.isDirectory() === true) throw systemError('EISDIR');
    const temporary = `${actual}.${randomBytes(8).toString('hex')}.tmp`;
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o666);
    try {
      try {
        await handle.writeFile(data);
        if (old !== undefined) await keepRights(handle, old);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, actual);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await this.#places.folder(dirname(path), (folder) => syncFolder(folder));
  }

  /** Makes a folder with those above it. */
  async #makeFolders(path: string, above = false): Promise<void> {
    const enter = (): Promise<void> => this.#places.folder(path, () => Promise.resolve());
    if (!this.#places.confined) return makeFolders(path);
    try {
      return await enter();
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
    }
    const parent = dirname(path);
    if (!this.#places.holds(parent)) return makeFolders(await this.#places.siteOf(path));
    await this.#makeFolders(parent, true);
    try {
      await this.#places.entry(path, (actual) => mkdir(actual));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      // Somebody else has made it meanwhile, or something else is there.
      await enter().catch((problem: unknown) => {
        throw codeOf(problem) === 'ENOTDIR' && !above ? error : problem;
      });
    }
  }
}

async function wrapped<T>(action: string, path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw diskError(action, path, named(error));
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

async function syncFolder(path: string): Promise<void> {
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

/** Does something in the usual way or, if that fails for want of descriptors, at once with spare ones. */
async function orNow<T>(usual: Promise<T>, atOnce: () => T): Promise<T> {
  try {
    return await usual;
  } catch (error) {
    if (!isExhausted(error)) throw error;
    return spare.lend(atOnce);
  }
}

/** `shown`: what the path is called in errors. */
async function readWhole(path: string, shown: string, maxBytes: number): Promise<Uint8Array> {
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

/** Gives a file that replaces another the same permissions and owner; a process that may not change the owner leaves it. */
async function keepRights(file: FileHandle, old: Stats): Promise<void> {
  await file.chmod(old.mode & 0o7777).catch(() => undefined);
  if (process.getuid?.() === 0) await file.chown(old.uid, old.gid).catch(() => undefined);
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
