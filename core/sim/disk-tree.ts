import { systemError } from '../ports/system-error.ts';
import { BLOCK, DirectoryNode, FileNode, LinkNode } from './disk-nodes.ts';
import type { Node } from './disk-nodes.ts';

/** A place in the tree: the directory, the last name, and what is there. */
interface Place {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
  /** The path with its links resolved, but for the last component. */
  readonly path: string;
  /** The directories above, from the root. */
  readonly above: readonly { directory: DirectoryNode; name: string }[];
}

/** Names, directories and links of a disk in memory. Throws as system calls do: an error with a `code`. */
export class DiskTree {
  readonly root: DirectoryNode = new DirectoryNode('1');
  #ids = 1;

  newFile(): FileNode {
    return new FileNode(String(++this.#ids));
  }

  /** Where `path` leads: links on the way are followed, one at its end is not. */
  place(path: string, hops: number = 0): Place {
    if (!path.startsWith('/')) throw systemError('EINVAL');
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    if (names.some((name) => name.length > 255)) throw systemError('ENAMETOOLONG');
    let directory = this.root;
    let resolved = '';
    const above: { directory: DirectoryNode; name: string }[] = [];
    for (let i = 0; i < names.length - 1; i++) {
      const name = names[i] ?? '';
      const node = directory.entries.get(name);
      if (node === undefined) throw systemError('ENOENT');
      if (node.kind === 'link') {
        if (hops > 20) throw systemError('ELOOP');
        const target = node.target.startsWith('/') ? node.target : `${resolved}/${node.target}`;
        return this.place(`${target}/${names.slice(i + 1).join('/')}`, hops + 1);
      }
      if (node.kind !== 'directory') throw systemError('ENOTDIR');
      above.push({ directory, name });
      directory = node;
      resolved += `/${name}`;
    }
    const name = names.at(-1);
    if (name === undefined) return { directory, name: '', node: this.root, path: '/', above };
    return { directory, name, node: directory.entries.get(name), path: `${resolved}/${name}`, above };
  }

  /** The node at `path`; undefined where there is none. */
  find(path: string): Node | undefined {
    try {
      return this.place(path).node;
    } catch (error) {
      if (error instanceof Error && ['ENOENT', 'ENOTDIR'].includes(error.message)) return undefined;
      throw error;
    }
  }

  put(place: Place, node: Node): void {
    const old = place.directory.entries.get(place.name);
    if (old?.kind === 'file') old.links--;
    if (node.kind === 'file') node.links++;
    place.directory.entries.set(place.name, node);
  }

  drop(place: Place): void {
    if (place.node?.kind === 'file') place.node.links--;
    place.directory.entries.delete(place.name);
  }

  makeDirectory(path: string, modified: number): void {
    const names = path.split('/').filter((name) => name !== '');
    for (let i = 1; i <= names.length; i++) {
      const place = this.place(`/${names.slice(0, i).join('/')}`);
      const node = place.node?.kind === 'link' ? this.find(this.realPath(place.path) ?? place.path) : place.node;
      if (node?.kind === 'directory') continue;
      if (node !== undefined) throw systemError(i === names.length ? 'EEXIST' : 'ENOTDIR');
      const made = new DirectoryNode(String(++this.#ids));
      made.modified = modified;
      this.put(place, made);
    }
  }

  /** Makes a symbolic link; for tests of what must not follow one. */
  symlink(target: string, path: string): void {
    this.put(this.place(path), new LinkNode(String(++this.#ids), target));
  }

  rename(from: string, to: string): void {
    const source = this.place(from);
    if (source.node === undefined) throw systemError('ENOENT');
    const target = this.place(to);
    if (source.node === target.node) return;
    if (target.path.startsWith(`${source.path}/`)) throw systemError('EINVAL');
    if (target.node?.kind === 'directory') {
      if (source.node.kind !== 'directory') throw systemError('EISDIR');
      if (target.node.entries.size > 0) throw systemError('ENOTEMPTY');
    } else if (target.node !== undefined && source.node.kind === 'directory') throw systemError('ENOTDIR');
    this.put(target, source.node);
    this.drop(source);
  }

  realPath(path: string, hops: number = 0): string | undefined {
    const place = this.place(path);
    if (place.node === undefined) return undefined;
    if (place.node.kind !== 'link') return place.path;
    if (hops > 20) throw systemError('ELOOP');
    const target = place.node.target;
    return this.realPath(
      target.startsWith('/') ? target : `${place.path.slice(0, -place.name.length)}${target}`,
      hops + 1,
    );
  }

  /** Makes the names in the directory at `path` durable, and its own name and those of the directories above it. */
  syncDirectory(path: string): void {
    const place = this.place(path);
    if (place.node?.kind !== 'directory') throw systemError(place.node === undefined ? 'ENOENT' : 'ENOTDIR');
    place.node.durable = new Map(place.node.entries);
    for (const { directory, name } of [...place.above, { directory: place.directory, name: place.name }]) {
      const node = directory.entries.get(name);
      if (node) directory.durable.set(name, node);
    }
  }

  /** Every node once, with its path. */
  *walk(directory: DirectoryNode = this.root, path: string = ''): Generator<[string, Node]> {
    for (const [name, node] of directory.entries) {
      yield [`${path}/${name}`, node];
      if (node.kind === 'directory') yield* this.walk(node, `${path}/${name}`);
    }
  }

  /** Bytes that all files take. */
  allocated(): number {
    const files = new Set<FileNode>();
    for (const [, node] of this.walk()) if (node.kind === 'file') files.add(node);
    let blocks = 0;
    for (const file of files) blocks += file.blocks.size;
    return blocks * BLOCK;
  }

  /** Keeps only what a power cut leaves: durable names, and of each file what was synced or what `keep` lets through. */
  lose(keep: () => boolean): void {
    const revert = (directory: DirectoryNode): void => {
      directory.entries = new Map(directory.durable);
      for (const node of directory.entries.values()) {
        if (node.kind === 'directory') revert(node);
        else if (node.kind === 'file') node.links = 0;
      }
    };
    revert(this.root);
    const seen = new Set<Node>();
    for (const [, node] of this.walk()) {
      if (node.kind !== 'file') continue;
      node.links++;
      if (!seen.has(node)) node.lose(keep);
      seen.add(node);
    }
  }
}
