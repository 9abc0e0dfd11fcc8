import { millis } from '../base/ids.ts';
import type { Millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';

/** Most bytes that are remembered of a file: journals of the tests are small. */
const MOST = 1 << 20;

/**
 * A shared disk as one machine on a network sees it: changes of others become visible only some time after something was last
 * looked at, as with the attribute cache of NFS. Its own changes are visible at once, and exclusive creates are decided on the disk
 * itself.
 */
export class StaleDisk implements Disk {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #delay: Millis;
  readonly #cache: Map<string, { readonly at: Millis; readonly value: Promise<unknown> }>;

  /** `seen`: what another view of the same machine remembers. */
  constructor(disk: Disk, clock: Clock, delay: number, seen?: StaleDisk) {
    this.#disk = disk;
    this.#clock = clock;
    this.#delay = millis(delay);
    this.#cache = seen === undefined ? new Map() : seen.#cache;
  }

  within(folder: string, real?: string): Disk {
    return new StaleDisk(this.#disk.within(folder, real), this.#clock, this.#delay, this);
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    if (mode !== 'read') {
      const file = await this.#disk.open(path, mode);
      this.#changed(path);
      return {
        read: (into, position) => file.read(into, position),
        write: async (data, position) => {
          await file.write(data, position);
          this.#changed(path);
        },
        truncate: async (size) => {
          await file.truncate(size);
          this.#changed(path);
        },
        size: () => file.size(),
        sync: () => file.sync(),
        close: () => file.close(),
      };
    }
    const data = await this.#cached('read', path, async () => {
      // Whether a file is missing is always asked of the real disk.
      const file = await this.#disk.open(path, 'read');
      try {
        const out = new Uint8Array(Math.min(MOST, await file.size()));
        return out.subarray(0, await file.read(out, 0));
      } finally {
        await file.close();
      }
    });
    return {
      read: (into, position) => {
        const part = data.subarray(position, position + into.length);
        into.set(part);
        return Promise.resolve(part.length);
      },
      write: () => Promise.reject(new Error('opened for reading')),
      truncate: () => Promise.reject(new Error('opened for reading')),
      size: () => Promise.resolve(data.length),
      sync: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  info(path: string): Promise<FileInfo | undefined> {
    return this.#cached('info', path, () => this.#disk.info(path));
  }

  list(path: string): Promise<readonly string[]> {
    return this.#cached('list', path, () => this.#disk.list(path));
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#cached('file', path, () => this.#disk.readFile(path, maxBytes));
  }

  makeDirectory(path: string): Promise<void> {
    return this.#change([path], () => this.#disk.makeDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change([from, to], () => this.#disk.rename(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return this.#change([to], () => this.#disk.link(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#change([path], () => this.#disk.remove(path));
  }

  removeDirectory(path: string): Promise<boolean> {
    return this.#change([path], () => this.#disk.removeDirectory(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#disk.syncDirectory(path);
  }

  replaceFile(path: string, data: Uint8Array, readers?: 'owner'): Promise<void> {
    return this.#change([path], () => this.#disk.replaceFile(path, data, readers));
  }

  freeSpace(path: string): Promise<number> {
    return this.#disk.freeSpace(path);
  }

  realPath(path: string): Promise<string | undefined> {
    return this.#disk.realPath(path);
  }

  #cached<T>(what: string, path: string, look: () => Promise<T>): Promise<T> {
    const key = `${what} ${path}`;
    const now = this.#clock.now();
    const known = this.#cache.get(key);
    if (known !== undefined && now - known.at < this.#delay) return known.value as Promise<T>;
    const value = look();
    this.#cache.set(key, { at: now, value });
    value.catch(() => this.#cache.delete(key));
    return value;
  }

  async #change<T>(paths: readonly string[], act: () => Promise<T>): Promise<T> {
    const result = await act();
    for (const path of paths) this.#changed(path);
    return result;
  }

  /** Forgets what was remembered of a path that this machine changed, and of the folder that it is in. */
  #changed(path: string): void {
    for (const what of ['read', 'info', 'file', 'list']) this.#cache.delete(`${what} ${path}`);
    this.#cache.delete(`list ${path.slice(0, path.lastIndexOf('/'))}`);
  }
}
