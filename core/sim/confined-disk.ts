import type { Disk, DiskFile, FileInfo, OpenMode } from '../ports/disk.ts';
import { beneath, folderMoved, linkInTheWay } from '../ports/within.ts';
import type { DirectoryNode } from './disk-nodes.ts';
import type { DiskTree } from './disk-tree.ts';

/** Folders that paths may not leave, and where each was when it was first used. */
export class Confinement {
  /** Each root with where it was found to lie earlier. */
  readonly #roots: ReadonlyMap<string, string | undefined>;
  readonly #names: readonly string[];
  readonly #kept = new Map<string, { readonly real: string; readonly node: DirectoryNode | undefined }>();

  constructor(roots: ReadonlyMap<string, string | undefined>) {
    this.#roots = roots;
    this.#names = [...roots.keys()];
    for (const [folder, real] of roots) if (real !== undefined) this.#kept.set(folder, { real, node: undefined });
  }

  within(folder: string, real?: string): Confinement {
    return new Confinement(new Map([...this.#roots, [folder, real]]));
  }

  /** The path to use instead. `folder`: the path itself is a folder to enter. Throws where a link is in the way. */
  resolve(tree: DiskTree, path: string, folder: boolean): string {
    const { root, names } = beneath(this.#names, path);
    const real = this.#keep(tree, root);
    if (real === undefined || (names.length === 0 && !folder)) return path;
    const [top] = real === '/' ? [''] : [real];
    let at = top ?? '';
    let shown = root;
    for (const name of folder ? names : names.slice(0, -1)) {
      at = `${at}/${name}`;
      shown = `${shown}/${name}`;
      if (tree.find(at)?.kind === 'link') throw linkInTheWay(shown);
    }
    return names.length === 0 ? real : `${top}/${names.join('/')}`;
  }

  /** Throws where a root that is to be made would come to lie elsewhere, by a link that is above it now. */
  expectSite(tree: DiskTree, path: string): void {
    const { root } = beneath(this.#names, path);
    const kept = this.#kept.get(root);
    for (let at = kept?.real ?? ''; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const now = tree.find(at) && tree.realPath(at);
      if (now === at) return;
      if (now !== undefined) throw folderMoved(root);
    }
  }

  /** Where a root really lies; undefined while there is none. */
  #keep(tree: DiskTree, root: string): string | undefined {
    const kept = this.#kept.get(root);
    if (kept === undefined) {
      const real = tree.find(root) && tree.realPath(root);
      const node = real === undefined ? undefined : tree.find(real);
      if (real !== undefined && node?.kind === 'directory') this.#kept.set(root, { real, node });
      return real;
    }
    // A folder that was made again in the same place is the user's choice, too; one that leads elsewhere is not.
    const now = tree.find(kept.real);
    if (now === undefined) return kept.real;
    if (now.kind !== 'directory' || (tree.realPath(kept.real) !== kept.real && now !== kept.node)) {
      throw folderMoved(root);
    }
    return kept.real;
  }
}

/** A disk that takes with each call the folders that it may not leave. */
type Confinable = {
  [K in Exclude<keyof Disk, 'within' | 'realPath'>]: (
    ...args: [...Parameters<Disk[K]>, Confinement]
  ) => ReturnType<Disk[K]>;
} & Pick<Disk, 'realPath'>;

/** A view of a disk in memory that does not leave given folders. */
export class ConfinedMemoryDisk implements Disk {
  readonly #disk: Confinable;
  readonly #within: Confinement;

  constructor(disk: Confinable, within: Confinement) {
    this.#disk = disk;
    this.#within = within;
  }

  within(folder: string, real?: string): Disk {
    return new ConfinedMemoryDisk(this.#disk, this.#within.within(folder, real));
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#disk.open(path, mode, this.#within);
  }

  info(path: string): Promise<FileInfo | undefined> {
    return this.#disk.info(path, this.#within);
  }

  list(path: string): Promise<readonly string[]> {
    return this.#disk.list(path, this.#within);
  }

  makeDirectory(path: string): Promise<void> {
    return this.#disk.makeDirectory(path, this.#within);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to, this.#within);
  }

  link(from: string, to: string): Promise<void> {
    return this.#disk.link(from, to, this.#within);
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path, this.#within);
  }

  removeDirectory(path: string): Promise<boolean> {
    return this.#disk.removeDirectory(path, this.#within);
  }

  syncDirectory(path: string): Promise<void> {
    return this.#disk.syncDirectory(path, this.#within);
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#disk.readFile(path, maxBytes, this.#within);
  }

  replaceFile(path: string, data: Uint8Array): Promise<void> {
    return this.#disk.replaceFile(path, data, undefined, this.#within);
  }

  freeSpace(path: string): Promise<number> {
    return this.#disk.freeSpace(path, this.#within);
  }

  realPath(path: string): Promise<string | undefined> {
    return this.#disk.realPath(path);
  }
}
