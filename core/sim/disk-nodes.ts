/** Bytes are kept in blocks of this size, so that holes cost nothing. */
export const BLOCK = 4096;

/** A file's content, with what a power cut would take back. */
export class FileNode {
  readonly kind = 'file';
  readonly id: string;
  readonly blocks = new Map<number, Uint8Array>();
  size = 0;
  modified = 0;
  /** How many names it has. */
  links = 0;
  /** The content of changed blocks, and the length of the file, when it was last synced. */
  readonly #before = new Map<number, Uint8Array | undefined>();
  #sizeBefore = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** How many new blocks a write of `length` bytes at `position` would take. */
  newBlocks(position: number, length: number): number {
    let count = 0;
    for (let b = Math.floor(position / BLOCK); b * BLOCK < position + length; b++) if (!this.blocks.has(b)) count++;
    return count;
  }

  write(data: Uint8Array, position: number): void {
    // As in POSIX, writing no bytes beyond the end does not extend the file.
    if (data.length === 0) return;
    for (let done = 0; done < data.length;) {
      const at = position + done;
      const index = Math.floor(at / BLOCK);
      const within = at % BLOCK;
      const part = data.subarray(done, done + Math.min(BLOCK - within, data.length - done));
      this.#remember(index);
      let block = this.blocks.get(index);
      if (block === undefined) {
        block = new Uint8Array(BLOCK);
        this.blocks.set(index, block);
      }
      block.set(part, within);
      done += part.length;
    }
    this.size = Math.max(this.size, position + data.length);
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < count;) {
      const at = position + done;
      const within = at % BLOCK;
      const length = Math.min(BLOCK - within, count - done);
      const block = this.blocks.get(Math.floor(at / BLOCK));
      if (block) into.set(block.subarray(within, within + length), done);
      else into.fill(0, done, done + length);
      done += length;
    }
    return count;
  }

  truncate(size: number): void {
    for (const index of this.blocks.keys()) {
      if (index * BLOCK < size) continue;
      this.#remember(index);
      this.blocks.delete(index);
    }
    const last = Math.floor(size / BLOCK);
    if (this.blocks.has(last)) {
      this.#remember(last);
      this.blocks.get(last)?.fill(0, size % BLOCK);
    }
    this.size = size;
  }

  sync(): void {
    this.#before.clear();
    this.#sizeBefore = this.size;
  }

  /** Undoes what was not synced, except the blocks of which `keep` says that they reached the disk. */
  lose(keep: () => boolean): void {
    let lost = false;
    for (const [index, block] of this.#before) {
      if (keep()) continue;
      lost = true;
      if (block) this.blocks.set(index, block);
      else this.blocks.delete(index);
    }
    if (lost || !keep()) this.size = this.#sizeBefore;
    for (const index of this.blocks.keys()) if (index * BLOCK >= this.size) this.blocks.delete(index);
    this.sync();
  }

  #remember(index: number): void {
    if (!this.#before.has(index)) this.#before.set(index, this.blocks.get(index)?.slice());
  }
}

/** A directory, with the names that a power cut would leave in it. */
export class DirectoryNode {
  readonly kind = 'directory';
  readonly id: string;
  entries = new Map<string, Node>();
  modified = 0;
  durable = new Map<string, Node>();

  constructor(id: string) {
    this.id = id;
  }
}

export class LinkNode {
  readonly kind = 'link';
  readonly id: string;
  readonly target: string;
  modified = 0;

  constructor(id: string, target: string) {
    this.id = id;
    this.target = target;
  }
}

export type Node = FileNode | DirectoryNode | LinkNode;
