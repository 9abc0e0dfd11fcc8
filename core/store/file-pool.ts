import { type Disk, type DiskFile, diskCode } from '../ports/disk.ts';

/** Most open files of all downloads of a process. */
const LIMIT = 256;

interface Entry {
  readonly path: string;
  readonly writable: boolean;
  readonly file: Promise<DiskFile>;
  users: number;
  /** It has left the table and is closed as soon as nobody uses it. */
  retired: boolean;
}

/** Keeps the files that were used last open, so that a piece does not cost an open and a close. */
export class FilePool {
  readonly #disk: Disk;
  readonly #limit: number;
  /** In order of last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();

  constructor(disk: Disk, limit = LIMIT) {
    this.#disk = disk;
    this.#limit = limit;
  }

  /**
   * Runs `task` with the file; it stays open that long. `write` makes the file where it is missing. A task that met a
   * handle gone stale (a network file system lost it) is run again with a new one.
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
    for (const entry of this.#entries.values()) if (entry.path.startsWith(prefix)) this.#retire(entry);
    // A pool is shared, so others may be closing or opening meanwhile; what they use elsewhere does not concern us.
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  get size(): number {
    return this.#entries.size;
  }

  #acquire(path: string, write: boolean): Entry {
    let entry = this.#entries.get(path);
    if (entry !== undefined && write && !entry.writable) {
      this.#retire(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      const opened: Entry = {
        path,
        writable: write,
        file: this.#disk.open(path, write ? 'write' : 'read'),
        users: 0,
        retired: false,
      };
      opened.file.catch(() => {
        opened.retired = true;
        if (this.#entries.get(path) === opened) this.#entries.delete(path);
      });
      entry = opened;
    } else {
      this.#entries.delete(path);
    }
    this.#entries.set(path, entry);
    entry.users++;
    this.#trim();
    return entry;
  }

  #leave(entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (entry.retired) this.#close(entry);
    else this.#trim();
  }

  #trim(): void {
    if (this.#entries.size <= this.#limit) return;
    for (const entry of this.#entries.values()) {
      if (entry.users === 0) this.#retire(entry);
      if (this.#entries.size <= this.#limit) return;
    }
  }

  #retire(entry: Entry): void {
    entry.retired = true;
    if (this.#entries.get(entry.path) === entry) this.#entries.delete(entry.path);
    if (entry.users === 0) this.#close(entry);
  }

  #close(entry: Entry): void {
    // Errors that a close could report are also reported by a sync of the same file: see DirtyFiles.
    const done: Promise<void> = entry.file
      .then((file) => file.close())
      .catch(() => undefined)
      .finally(() => this.#closing.delete(done));
    this.#closing.add(done);
  }
}

/** Whether a handle cannot be used any more, although its path may be. */
export function isStale(error: unknown): boolean {
  const code = diskCode(error);
  return code === 'ESTALE' || code === 'EBADF';
}

const pools = new WeakMap<Disk, FilePool>();

/** The one pool of a process: 200 downloads do not each keep files open. */
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
