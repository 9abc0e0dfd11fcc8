import type { Rng } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';
import { diskError, systemError, tooLong } from '../ports/system-error.ts';
import { ConfinedMemoryDisk, Confinement } from './confined-disk.ts';
import { type DiskFault, DiskFaults, type DiskOperation } from './disk-faults.ts';
import { BLOCK } from './disk-nodes.ts';
import type { FileNode, Node } from './disk-nodes.ts';
import { DiskTree } from './disk-tree.ts';

interface MemoryDiskOptions {
  /** Needed for `delay` and for file times. */
  readonly clock?: Clock;
  /** Bytes of content that fit; beyond them writes fail with ENOSPC. */
  readonly capacity?: number;
}

/** A file system in memory: sparse files, directories, links, faults, and power cuts. Paths are of the POSIX kind. */
export class MemoryDisk implements Disk {
  /** Bytes of content that fit. */
  capacity: number;
  /** Folders that are disks of their own: no file has names on two of them. */
  readonly mounts: string[] = [];
  /** How long each operation takes, in virtual milliseconds; needs a clock. */
  delay: ((operation: DiskOperation, path: string, bytes: number) => number) | undefined;
  /** Called right before each operation is done, when nothing can come between any more. */
  before: ((operation: DiskOperation, path: string) => void) | undefined;
  /** How often each operation was asked for. */
  readonly counts: Map<DiskOperation, number> = new Map();
  readonly #tree = new DiskTree();
  readonly #clock: Clock | undefined;
  readonly #faults = new DiskFaults();
  /** Counts crashes: files that were opened before a crash belong to a process that is gone. */
  #generation = 0;
  #open = 0;

  constructor(options: MemoryDiskOptions = {}) {
    this.#clock = options.clock;
    this.capacity = options.capacity ?? Number.MAX_SAFE_INTEGER;
  }

  // For tests.

  /** Makes operations fail as the fault says, until the result is called. */
  fail(fault: DiskFault): () => void {
    return this.#faults.add(fault);
  }

  /**
   * Ends every open file. `process`: all that was written stays. `power`: only what was synced stays, and names
   * only where their directory was synced. A generator of chance: as `power`, but each block that was not synced may have got through.
   */
  crash(how: 'process' | 'power' | Rng): void {
    this.#generation++;
    this.#open = 0;
    if (how !== 'process') this.#tree.lose(how === 'power' ? () => false : () => how() < 0.5);
  }

  /** Puts a file there with the directories above it, all durable. */
  put(path: string, content: Uint8Array): void {
    const directory = path.slice(0, path.lastIndexOf('/'));
    this.#tree.makeDirectory(directory, this.#wall());
    const node = this.#tree.newFile();
    node.write(content, 0);
    node.sync();
    this.#touch(node);
    this.#tree.put(this.#tree.place(path), node);
    this.#tree.syncDirectory(directory === '' ? '/' : directory);
  }

  /** Makes a symbolic link. */
  symlink(target: string, path: string): void {
    this.#tree.symlink(target, path);
  }

  /** Moves what is there, at once. */
  move(from: string, to: string): void {
    this.#tree.rename(from, to);
  }

  /** What is at a path that leads through no link; undefined: nothing. */
  kindAt(path: string): Node['kind'] | undefined {
    const node = this.#tree.find(path);
    return node !== undefined && this.#tree.place(path).path === path ? node.kind : undefined;
  }

  /** A file's whole content; undefined where there is no file. */
  content(path: string): Uint8Array | undefined {
    const node = this.#tree.find(path);
    if (node?.kind !== 'file') return undefined;
    const out = new Uint8Array(node.size);
    node.read(out, 0);
    return out;
  }

  /** All paths there are, sorted; directories end with a slash. */
  paths(): string[] {
    return [...this.#tree.walk()].map(([path, node]) => (node.kind === 'directory' ? `${path}/` : path)).toSorted();
  }

  /** How many files are open. */
  get openFiles(): number {
    return this.#open;
  }

  /** Removes whatever is there with all in it. Links are not followed. */
  removeTree(path: string): void {
    if (this.#tree.find(path)) this.#tree.drop(this.#tree.place(path));
  }

  // The port. `within`: of a view that does not leave some folders.

  within(folder: string, real?: string): Disk {
    return new ConfinedMemoryDisk(this, new Confinement(new Map([[folder, real]])));
  }

  open(path: string, mode: OpenMode, within?: Confinement): Promise<DiskFile> {
    return this.#do('open', 'open', path, 0, () => {
      const place = this.#tree.place(this.#entry(path, within));
      let node = place.node;
      if (mode === 'create' && node !== undefined) throw systemError('EEXIST');
      if (node === undefined) {
        if (mode === 'read') throw systemError('ENOENT');
        node = this.#tree.newFile();
        this.#touch(node);
        this.#tree.put(place, node);
      }
      if (node.kind === 'link') throw systemError('ELOOP');
      if (node.kind === 'directory') throw systemError('EISDIR');
      if (within && node.links > 1 && mode !== 'read') throw systemError('EMLINK');
      return this.#handle(path, node, mode);
    });
  }

  info(path: string, within?: Confinement): Promise<FileInfo | undefined> {
    return this.#do('info', 'look at', path, 0, () => {
      const node = this.#tree.find(this.#entry(path, within));
      if (node === undefined) return undefined;
      const file = node.kind === 'file' ? node : undefined;
      return {
        kind: node.kind,
        size: file?.size ?? 0,
        allocated: (file?.blocks.size ?? 0) * BLOCK,
        modified: node.modified,
        changed: node.modified,
        id: `${this.#device(path)}:${node.id}`,
      };
    });
  }

  list(path: string, within?: Confinement): Promise<readonly string[]> {
    return this.#do('list', 'list', path, 0, () => {
      const node = this.#followed(this.#folder(path, within));
      if (node === undefined) return [];
      if (node.kind !== 'directory') throw systemError('ENOTDIR');
      return [...node.entries.keys()];
    });
  }

  makeDirectory(path: string, within?: Confinement): Promise<void> {
    return this.#do('makeDirectory', 'make the directory', path, 0, () => {
      within?.expectSite(this.#tree, path);
      this.#tree.makeDirectory(this.#folder(path, within), this.#wall());
    });
  }

  rename(from: string, to: string, within?: Confinement): Promise<void> {
    return this.#do('rename', `rename ${from} to`, to, 0, () => {
      if (this.#device(from) !== this.#device(to)) throw systemError('EXDEV');
      this.#tree.rename(this.#entry(from, within), this.#entry(to, within));
    });
  }

  link(from: string, to: string, within?: Confinement): Promise<void> {
    return this.#do('link', `link ${from} as`, to, 0, () => {
      const source = this.#tree.place(this.#entry(from, within)).node;
      if (source === undefined) throw systemError('ENOENT');
      if (source.kind !== 'file') throw systemError('EPERM');
      if (this.#device(from) !== this.#device(to)) throw systemError('EXDEV');
      const place = this.#tree.place(this.#entry(to, within));
      if (place.node !== undefined) throw systemError('EEXIST');
      this.#tree.put(place, source);
    });
  }

  remove(path: string, within?: Confinement): Promise<void> {
    return this.#do('remove', 'remove', path, 0, () => {
      const at = this.#entry(path, within);
      const node = this.#tree.find(at);
      if (node?.kind === 'directory') throw systemError('EISDIR');
      if (node) this.#tree.drop(this.#tree.place(at));
    });
  }

  removeDirectory(path: string, within?: Confinement): Promise<boolean> {
    return this.#do('removeDirectory', 'remove the directory', path, 0, () => {
      const at = this.#entry(path, within);
      const node = this.#tree.find(at);
      if (node === undefined) return false;
      if (node.kind !== 'directory') throw systemError('ENOTDIR');
      if (node.entries.size > 0) return false;
      this.#tree.drop(this.#tree.place(at));
      return true;
    });
  }

  syncDirectory(path: string, within?: Confinement): Promise<void> {
    return this.#do('syncDirectory', 'sync the directory', path, 0, () =>
      this.#tree.syncDirectory(this.#folder(path, within)),
    );
  }

  readFile(path: string, maxBytes: number, within?: Confinement): Promise<Uint8Array | undefined> {
    return this.#do('readFile', 'read', path, 0, () => {
      const node = this.#tree.find(this.#entry(path, within));
      if (node === undefined) return undefined;
      if (node.kind === 'link') throw systemError('ELOOP');
      if (node.kind === 'directory') throw systemError('EISDIR');
      if (node.size > maxBytes) throw tooLong(path, maxBytes);
      const out = new Uint8Array(node.size);
      node.read(out, 0);
      return out;
    });
  }

  replaceFile(path: string, data: Uint8Array, _readers?: 'owner', within?: Confinement): Promise<void> {
    return this.#do('replaceFile', 'write', path, data.length, () => {
      const place = this.#tree.place(this.#entry(path, within));
      if (place.node?.kind === 'link') throw systemError('ELOOP');
      if (place.node?.kind === 'directory') throw systemError('EISDIR');
      const node = this.#tree.newFile();
      this.#reserve(node, 0, data.length);
      node.write(data, 0);
      node.sync();
      this.#touch(node);
      this.#tree.put(place, node);
      this.#tree.syncDirectory(place.path.slice(0, -place.name.length));
    });
  }

  freeSpace(path: string, within?: Confinement): Promise<number> {
    return this.#do('freeSpace', 'look at', path, 0, () => {
      this.#folder(path, within);
      return Math.max(0, this.capacity - this.#tree.allocated());
    });
  }

  realPath(path: string): Promise<string | undefined> {
    return this.#do('realPath', 'look at', path, 0, () =>
      this.#tree.find(path) ? this.#tree.realPath(path) : undefined,
    );
  }

  #device(path: string): number {
    return 2 + this.mounts.findIndex((mount) => path === mount || path.startsWith(`${mount}/`));
  }

  #entry(path: string, within: Confinement | undefined): string {
    return within === undefined ? path : within.resolve(this.#tree, path, false);
  }

  #folder(path: string, within: Confinement | undefined): string {
    return within === undefined ? path : within.resolve(this.#tree, path, true);
  }

  #handle(path: string, node: FileNode, mode: OpenMode): DiskFile {
    const generation = this.#generation;
    let open = true;
    this.#open++;
    const check = (): void => {
      if (!open || generation !== this.#generation) throw systemError('EBADF');
    };
    const change = (): void => {
      check();
      if (mode === 'read') throw systemError('EBADF');
    };
    return {
      read: (into, position) =>
        this.#do('read', 'read', path, into.length, () => {
          check();
          return node.read(into, position);
        }),
      write: (data, position) =>
        this.#do('write', 'write', path, data.length, () => {
          change();
          const at = mode === 'append' ? node.size : position;
          this.#reserve(node, at, data.length);
          node.write(data, at);
          this.#touch(node);
        }),
      truncate: (size) =>
        this.#do('truncate', 'change the size of', path, 0, () => {
          change();
          node.truncate(size);
          this.#touch(node);
        }),
      size: () =>
        this.#do('size', 'look at', path, 0, () => {
          check();
          return node.size;
        }),
      sync: () =>
        this.#do('sync', 'sync', path, 0, () => {
          check();
          node.sync();
        }),
      close: () =>
        this.#do('close', 'close', path, 0, () => {
          if (open && generation === this.#generation) this.#open--;
          open = false;
        }),
    };
  }

  /** Counts an operation, waits, raises the faults that apply, and wraps errors. */
  async #do<T>(operation: DiskOperation, action: string, path: string, bytes: number, task: () => T): Promise<T> {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    const wait = this.delay?.(operation, path, bytes) ?? 0;
    const clock = this.#clock;
    if (wait > 0 && clock) await new Promise<void>((resolve) => clock.after(millis(wait), resolve));
    // In a later turn, so that no caller comes to rely on an immediate answer.
    else await Promise.resolve();
    try {
      this.#faults.meet(operation, path);
      this.before?.(operation, path);
      return task();
    } catch (error) {
      throw diskError(action, path, error);
    }
  }

  #reserve(node: FileNode, position: number, length: number): void {
    if (this.capacity === Number.MAX_SAFE_INTEGER) return;
    if (this.#tree.allocated() + node.newBlocks(position, length) * BLOCK > this.capacity) throw systemError('ENOSPC');
  }

  #followed(path: string): Node | undefined {
    const node = this.#tree.find(path);
    if (node?.kind !== 'link') return node;
    const real = this.#tree.realPath(path);
    return real === undefined ? undefined : this.#tree.find(real);
  }

  #touch(node: FileNode): void {
    node.modified = this.#wall();
  }

  #wall(): number {
    return this.#clock?.wall() ?? 0;
  }
}
