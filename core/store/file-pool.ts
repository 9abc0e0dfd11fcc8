import { type Disk, type DiskFile, diskCode } from '../ports/disk.ts';
import { openOwn } from './open-own.ts';

/** Most open files of all downloads of a process. */
const LIMIT = 256;
/** So many may stay open where the system opens few. */
const LEAST = 8;
/** What the system says when it opens nothing more, for this process or for all. */
const FULL: readonly string[] = ['EMFILE', 'ENFILE'];

interface Entry {
  readonly key: string;
  readonly path: string;
  readonly writable: boolean;
  readonly file: Promise<DiskFile>;
  users: number;
  /** It has left the table and is closed as soon as nobody uses it. */
  retired: boolean;
}

/** The open files of all views of a pool. */
class OpenFiles {
  limit: number;
  /** In order of last use. */
  readonly entries = new Map<string, Entry>();
  readonly closing = new Set<Promise<void>>();
  views = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
}

/** Keeps the files that were used last open, so that a piece does not cost an open and a close. */
export class FilePool {
  readonly #disk: Disk;
  readonly #open: OpenFiles;
  /** Number of this view: what it may open, others may not, so that views share no open files. */
  readonly #view: number;
  readonly #scratch: string | undefined;

  constructor(disk: Disk, limit = LIMIT, of?: { readonly pool: FilePool; readonly scratch: string }) {
    this.#disk = disk;
    this.#open = of === undefined ? new OpenFiles(limit) : of.pool.#open;
    this.#view = this.#open.views++;
    this.#scratch = of?.scratch;
  }

  /** The same pool for a view of its disk. `scratch`: see `openOwn`. */
  on(disk: Disk, scratch: string): FilePool {
    return new FilePool(disk, LIMIT, { pool: this, scratch });
  }

  /**
   * Runs `task` with the file; it stays open that long. `write` makes the file where it is missing, with its folders. A task that
   * fails because the handle has gone stale (a network file system lost it) is run again with a new one.
   */
  async use<T>(path: string, mode: 'read' | 'write', task: (file: DiskFile) => Promise<T>): Promise<T> {
    const entry = this.#acquire(path, mode === 'write');
    try {
      return await task(await entry.file);
    } catch (error) {
      if (!isStale(error)) throw error;
      this.#retire(entry);
    } finally {
      this.#leave(entry);
    }
    const fresh = this.#acquire(path, mode === 'write');
    try {
      return await task(await fresh.file);
    } finally {
      this.#leave(fresh);
    }
  }

  /** Closes every file whose path starts with `prefix`; resolves when none of them is open. */
  async close(prefix: string): Promise<void> {
    for (const entry of this.#open.entries.values()) if (entry.path.startsWith(prefix)) this.#retire(entry);
    // The pool is shared: others may be closing or opening files meanwhile, but not below this prefix.
    while (this.#open.closing.size > 0) await Promise.all(this.#open.closing);
  }

  get size(): number {
    return this.#open.entries.size;
  }

  #acquire(path: string, write: boolean): Entry {
    const { entries } = this.#open;
    const key = `${this.#view} ${path}`;
    let entry = entries.get(key);
    if (entry !== undefined && write && !entry.writable) {
      this.#retire(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      const opened: Entry = {
        key,
        path,
        writable: write,
        file: this.#openFile(path, write),
        users: 0,
        retired: false,
      };
      opened.file.catch(() => {
        opened.retired = true;
        if (entries.get(key) === opened) entries.delete(key);
      });
      entry = opened;
    } else {
      entries.delete(key);
    }
    entries.set(key, entry);
    entry.users++;
    this.#trim();
    return entry;
  }

  async #openFile(path: string, write: boolean): Promise<DiskFile> {
    for (;;) {
      try {
        return await (write ? openOwn(this.#disk, path, 'write', this.#scratch) : this.#disk.open(path, 'read'));
      } catch (error) {
        if (!FULL.includes(diskCode(error) ?? '') || !(await this.#giveWay())) throw error;
      }
    }
  }

  /** The system opens nothing more: half of the files that are not in use are closed, and fewer are kept open from now on. False if there are none. */
  async #giveWay(): Promise<boolean> {
    const { entries, closing } = this.#open;
    const idle = [...entries.values()].filter(({ users }) => users === 0);
    if (idle.length === 0 && closing.size === 0) return false;
    for (const entry of idle.slice(0, Math.ceil(idle.length / 2))) this.#retire(entry);
    this.#open.limit = Math.min(this.#open.limit, Math.max(LEAST, entries.size));
    await Promise.all(closing);
    return true;
  }

  #leave(entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (entry.retired) this.#close(entry);
    else this.#trim();
  }

  #trim(): void {
    const { entries, limit } = this.#open;
    if (entries.size <= limit) return;
    for (const entry of entries.values()) {
      if (entry.users === 0) this.#retire(entry);
      if (entries.size <= limit) return;
    }
  }

  #retire(entry: Entry): void {
    entry.retired = true;
    const { entries } = this.#open;
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    if (entry.users === 0) this.#close(entry);
  }

  #close(entry: Entry): void {
    // Errors that a close could report are also reported by a sync of the same file: see DirtyFiles.
    const done: Promise<void> = entry.file
      .then((file) => file.close())
      .catch(() => undefined)
      .finally(() => this.#open.closing.delete(done));
    this.#open.closing.add(done);
  }
}

/** Whether a handle cannot be used any more, although its path may be. */
export function isStale(error: unknown): boolean {
  const code = diskCode(error);
  return code === 'ESTALE' || code === 'EBADF';
}

const pools = new WeakMap<Disk, FilePool>();

/** The one pool of a process, by its disk, not by a view of it: 200 downloads do not each keep files open. */
export function filePoolOf(disk: Disk): FilePool {
  let pool = pools.get(disk);
  if (pool === undefined) {
    pool = new FilePool(disk);
    pools.set(disk, pool);
  }
  return pool;
}

/** Fills `into` from a file; false where the file is missing or too short. */
export async function readExactly(files: FilePool, path: string, into: Uint8Array, position: number): Promise<boolean> {
  try {
    return (await files.use(path, 'read', (file) => file.read(into, position))) === into.length;
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return false;
    throw error;
  }
}
