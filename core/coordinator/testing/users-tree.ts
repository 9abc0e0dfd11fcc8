import { expect } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import type { SeededRandom } from '../../sim/random.ts';

/** Names that ours have, and that users' files may have as well. */
const NAMES =
  'files|pieces|claims|torrent|resume|have-0|lock|lock-0|sibling-0.json|begun-0|copy-0.1|part-0|part-1|part-1.1|part-0.index|0|1|7|0.1.free|payload|d|a|thesis.txt|manifest.json|manifest.json.bak|assembling.json|Read me|.hidden'.split(
    '|',
  );

/** What is none of ours: files, folders and links, each at a path that changes only where a test moves it. */
export class UsersTree {
  readonly #disk: MemoryDisk;
  readonly #random: SeededRandom;
  #known = new Map<string, { readonly kind: string; readonly content: Uint8Array | undefined }>();

  constructor(disk: MemoryDisk, random: SeededRandom) {
    this.#disk = disk;
    this.#random = random;
  }

  /** A whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.#random.uniform() * n);
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.below(from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  /** With this chance. */
  perhaps(chance: number): boolean {
    return this.#random.uniform() < chance;
  }

  put(path: string): void {
    if (this.#taken(path)) return;
    this.#disk.put(path, this.#random.bytes(1 + this.below(60)));
    this.#note(path);
  }

  link(target: string, path: string): void {
    if (this.#taken(path)) return;
    this.#disk.put(`${path.slice(0, path.lastIndexOf('/'))}/.made`, new Uint8Array(0));
    this.#note(`${path.slice(0, path.lastIndexOf('/'))}/.made`);
    this.#disk.symlink(target, path);
    this.#note(path);
  }

  /** Fills a folder with whatever users have, some of it under names that ours have. */
  fill(folder: string, victims: readonly string[], depth = 2): void {
    for (let i = this.below(5); i >= 0; i--) {
      const path = `${folder}/${this.pick(NAMES)}`;
      const what = this.#random.uniform();
      if (what < 0.45 || depth === 0) this.put(path);
      else if (what < 0.8) this.fill(path, victims, depth - 1);
      else this.link(this.perhaps(0.2) ? '/nowhere' : this.pick(victims), path);
    }
  }

  /** From here on these may be replaced or removed: the user has said so. */
  giveUp(paths: readonly string[]): void {
    for (const path of paths) this.#known.delete(path);
  }

  /** Moves a folder away, and puts a link in its place, as somebody may at any moment. */
  swap(folder: string, target: string): void {
    const away = `${folder}.was`;
    if (this.#taken(away)) return;
    this.#move(folder, away);
    this.#disk.symlink(target, folder);
    this.#note(folder);
  }

  /** Puts a folder back that was moved away, where it was: what is asked for by its name goes there again. */
  restore(folder: string): void {
    if (this.#disk.kindAt(folder) !== 'link') return;
    this.#known.delete(folder);
    this.#disk.removeTree(folder);
    this.#move(`${folder}.was`, folder);
  }

  #move(from: string, to: string): void {
    this.#disk.move(from, to);
    const moved = new Map<string, { readonly kind: string; readonly content: Uint8Array | undefined }>();
    for (const [path, what] of this.#known) {
      moved.set(path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path, what);
    }
    this.#known = moved;
  }

  /** Folders that are there now below these, the deepest last. */
  folders(below: readonly string[]): string[] {
    return this.#disk
      .paths()
      .filter((path) => path.endsWith('/') && below.some((one) => path.startsWith(`${one}/`) && path !== `${one}/`))
      .map((path) => path.slice(0, -1));
  }

  /** Everything of the user's is byte for byte as it was. */
  expectWhole(when: string): void {
    for (const [path, { kind, content }] of this.#known) {
      expect(this.#disk.kindAt(path), `${path} ${when}`).toBe(kind);
      if (content === undefined) continue;
      expect(sameBytes(this.#disk.content(path) ?? new Uint8Array(0), content), `${path} ${when}`).toBe(true);
    }
  }

  /** Something is there, or on the way there. */
  #taken(path: string): boolean {
    const names = path.split('/');
    const isFolder = (at: string): boolean => [undefined, 'directory'].includes(this.#disk.kindAt(at));
    return (
      this.#disk.kindAt(path) !== undefined || !names.every((_, i) => i < 2 || isFolder(names.slice(0, i).join('/')))
    );
  }

  #note(path: string): void {
    const kind = this.#disk.kindAt(path);
    if (kind !== undefined) this.#known.set(path, { kind, content: this.#disk.content(path)?.slice() });
  }
}
