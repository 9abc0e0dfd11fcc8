import { constants } from 'node:fs';
import { link, lstat, mkdir, readdir, realpath, rename, rmdir, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';
import { diskError, systemError } from '../ports/system-error.ts';
import { NodeDiskFile, type Prompt } from './disk-file.ts';
import { codeOf } from './error-code.ts';
import { AT_ONCE, type FileCalls, ON_THREADS } from './file-calls.ts';
import { makeFolders, syncFolder } from './folders.ts';
import { named } from './named-error.ts';
import type { LookFacts, Looks } from './looks.ts';
import { NamedPlaces } from './named-places.ts';
import { kindOf, nameKind, NO_FOLLOW, NO_WAIT, orNow, whereThere } from './node-calls.ts';
import { canPin } from './pinned-places.ts';
import type { Places } from './places.ts';
import { PromptReads } from './prompt-reads.ts';
import { PromptWrites } from './prompt-writes.ts';
import { listNow, replaceNow } from './small-files.ts';
import { readWhole, replaceWhole } from './whole-files.ts';

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  append: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};
/** Bytes of the blocks that `stat` counts, whatever the file system's own block size. */
const STAT_BLOCK = 512;
const OWNER_EXECUTES = 0o100;
const NANOS = 1e6;
const CAN_PIN = canPin();

interface NodeDiskOptions {
  /** Read and write on the event loop as long as the system has or takes the data at once; for processes without a window. */
  readonly quickOnLoop?: boolean;
  /** Open, read and close files on the event loop in any case: for processes that do nothing else meanwhile. */
  readonly readsOnLoop?: boolean;
  /** Whether folders are held by descriptors; by default where the system can. */
  readonly pinning?: boolean;
  /** Looks at many paths at once, for a process of many downloads. */
  readonly looks?: Looks;
}

/** The machine's file systems. */
export class NodeDisk implements Disk {
  readonly #prompt: Prompt | undefined;
  readonly #looks: Looks | undefined;
  readonly #calls: FileCalls;
  readonly #places: Places;
  /** Replacements of one file follow each other. */
  readonly #replacing: Map<string, Promise<void>>;

  /** `view`: another disk's, with other places. */
  constructor(
    { quickOnLoop = false, readsOnLoop = false, pinning = CAN_PIN, looks }: NodeDiskOptions = {},
    view?: { readonly of: NodeDisk; readonly places: Places },
  ) {
    if (view === undefined) {
      this.#prompt = quickOnLoop ? { reads: new PromptReads(), writes: new PromptWrites() } : undefined;
      this.#looks = looks;
      this.#calls = readsOnLoop ? AT_ONCE : ON_THREADS;
      this.#places = new NamedPlaces(pinning, this.#calls);
      this.#replacing = new Map();
    } else {
      this.#prompt = view.of.#prompt;
      this.#looks = view.of.#looks;
      this.#calls = view.of.#calls;
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
        this.#calls.open(actual, FLAGS[mode] | NO_FOLLOW | NO_WAIT, 0o666, (error, got) =>
          error ? reject(error) : resolve(got),
        );
      });
      const file = new NodeDiskFile(fd, path, mode === 'append', this.#prompt, this.#calls);
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
    return wrapped('look at', path, () => this.#look(path));
  }

  async #look(path: string): Promise<FileInfo | undefined> {
    const usual = (): Promise<LookFacts | undefined> =>
      whereThere(this.#places.entry(path, (actual) => lstat(actual, { bigint: true })));
    const place = this.#looks && this.#places.straight(path);
    const stats = await (place === undefined ? usual() : this.#looks?.facts(place, usual));
    if (!stats) return undefined;
    const kind = nameKind(stats);
    const isFile = kind === 'file';
    const info = {
      kind,
      size: isFile ? Number(stats.size) : 0,
      allocated: isFile ? Number(stats.blocks) * STAT_BLOCK : 0,
      modified: Number(stats.mtimeNs) / NANOS,
      changed: Number(stats.ctimeNs) / NANOS,
      id: `${stats.dev}:${stats.ino}`,
    };
    if (process.platform === 'win32') return info;
    return { ...info, executable: isFile && (Number(stats.mode) & OWNER_EXECUTES) !== 0 };
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

  replaceFile(path: string, data: Uint8Array, readers?: 'owner'): Promise<void> {
    const before = this.#replacing.get(path) ?? Promise.resolve();
    const next = before.then(() =>
      this.#at('write', path, (actual) =>
        orNow(this.#replace(actual, path, data, readers), () => replaceNow(actual, data, readers)),
      ),
    );
    const done = next
      .catch(() => undefined)
      .finally(() => {
        if (this.#replacing.get(path) === done) this.#replacing.delete(path);
      });
    this.#replacing.set(path, done);
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
    const usual = (): Promise<string | undefined> => whereThere(realpath(path));
    return wrapped('look at', path, () => this.#looks?.realPath(path, usual) ?? usual());
  }

  #at<T>(action: string, path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return wrapped(action, path, () => this.#places.entry(path, task));
  }

  async #replace(actual: string, path: string, data: Uint8Array, readers?: 'owner'): Promise<void> {
    await replaceWhole(actual, data, readers);
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
