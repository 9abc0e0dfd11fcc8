import { inLanes } from '../base/lanes.ts';
import type { Disk } from '../ports/disk.ts';
import type { FilePool } from './file-pool.ts';

/** Files synced at the same time: enough for a journalling file system to write them in one go. */
const PARALLEL = 8;

/** Keeps track of which files below a folder were written since they were last made durable. */
export class DirtyFiles {
  readonly #disk: Disk;
  readonly #files: FilePool;
  readonly #root: string;
  #dirty = new Set<string>();
  /** Files whose names in their folders are durable. */
  readonly #named = new Set<string>();

  constructor(disk: Disk, files: FilePool, root: string) {
    this.#disk = disk;
    this.#files = files;
    this.#root = root;
  }

  /** To be called after each write. */
  mark(path: string): void {
    this.#dirty.add(path);
  }

  /** To be called before the file is removed. */
  forget(path: string): void {
    this.#dirty.delete(path);
    this.#named.delete(path);
  }

  /** Makes durable all that was marked before the call. Where it fails the files stay marked. */
  async sync(): Promise<void> {
    const batch = [...this.#dirty];
    this.#dirty = new Set();
    try {
      await inLanes(batch, PARALLEL, (path) => this.#files.use(path, 'write', (file) => file.sync()));
      await this.#syncNames(batch.filter((path) => !this.#named.has(path)));
    } catch (error) {
      for (const path of batch) this.#dirty.add(path);
      throw error;
    }
  }

  async #syncNames(paths: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const path of paths) {
      for (let end = path.lastIndexOf('/'); end >= this.#root.length; end = path.lastIndexOf('/', end - 1)) {
        const folder = path.slice(0, end);
        if (folders.has(folder)) break;
        folders.add(folder);
      }
    }
    for (const folder of folders) await this.#disk.syncDirectory(folder);
    for (const path of paths) this.#named.add(path);
  }
}
