/** A folder or file of a torrent. */
export interface TreeNode {
  readonly key: string;
  readonly name: string;
  readonly depth: number;
  readonly folder: boolean;
  readonly length: number;
  /** Indexes in the list of files, in that order. */
  readonly files: readonly number[];
  readonly children: readonly TreeNode[];
}

interface Making {
  name: string;
  length: number;
  files: number[];
  children: Map<string, Making>;
  folder: boolean;
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The files as a tree, or those of them that `only` lets through: folders first, each by name as people count. */
export function makeTree(
  files: readonly { readonly path: readonly string[]; readonly length: number }[],
  only?: (at: number) => boolean,
): TreeNode[] {
  const root = emptyNode('', true);
  files.forEach(({ path, length }, at) => {
    if (only?.(at) === false) return;
    let node = root;
    path.forEach((name, depth) => {
      const folder = depth < path.length - 1;
      // A file and a folder of the same name are separate nodes, and so are two files.
      const key = folder ? `${name}/` : `${name} ${at}`;
      const next = node.children.get(key) ?? emptyNode(name, folder);
      node.children.set(key, next);
      next.length += length;
      next.files.push(at);
      node = next;
    });
  });
  return finish(root, '', 0);
}

function emptyNode(name: string, folder: boolean): Making {
  return { name, length: 0, files: [], children: new Map(), folder };
}

function finish(made: Making, parent: string, depth: number): TreeNode[] {
  const nodes = [...made.children].map(([name, node]): TreeNode => {
    const key = `${parent}${name}`;
    const children = finish(node, key, depth + 1);
    return { key, name: node.name, depth, folder: node.folder, length: node.length, files: node.files, children };
  });
  return nodes.sort((a, b) => Number(b.folder) - Number(a.folder) || names.compare(a.name, b.name));
}

/** The path of a node, in the list of files that the tree was made of. */
export function pathOf(
  { files: [first = 0], depth }: TreeNode,
  files: readonly { readonly path: readonly string[] }[],
): string {
  return (files[first]?.path ?? []).slice(0, depth + 1).join('/');
}

/** The visible nodes: all except those in closed folders. */
export function visibleNodes(nodes: readonly TreeNode[], closed: ReadonlySet<string>): TreeNode[] {
  const out: TreeNode[] = [];
  const visit = (node: TreeNode): void => {
    out.push(node);
    if (node.folder && !closed.has(node.key)) node.children.forEach(visit);
  };
  nodes.forEach(visit);
  return out;
}

/** Folders that begin closed: all below the first level, where there are too many files to look through. */
export function closedAtFirst(nodes: readonly TreeNode[], most: number): Set<string> {
  const out = new Set<string>();
  const visit = (node: TreeNode): void => {
    if (node.folder && node.depth > 0) out.add(node.key);
    node.children.forEach(visit);
  };
  const count = nodes.reduce((sum, node) => sum + node.files.length, 0);
  if (count > most) nodes.forEach(visit);
  return out;
}

/** Whether all words of a search stand somewhere in a path. */
export function pathMatches(path: string, search: string, locale?: string): boolean {
  const lower = path.toLocaleLowerCase(locale);
  return search
    .toLocaleLowerCase(locale)
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
