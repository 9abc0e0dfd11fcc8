import { expect, test } from 'vitest';
import type { FileState, FileView } from '../../../core/bridge/views.ts';
import { nodeState } from './priorities.ts';
import { closedAtFirst, makeTree, pathMatches, type TreeNode, visibleNodes } from './tree.ts';

const drawn = (nodes: readonly TreeNode[]): string[] =>
  visibleNodes(nodes, new Set()).map(({ name, depth, folder }) => `${depth}${name}${folder ? '/' : ''}`);
const paths = (...all: readonly string[]) => all.map((path) => ({ path: path.split('/'), length: 1 }));

test('files become a tree whose folders know what is in them', () => {
  const tree = makeTree([
    { path: ['T', 'a', 'x'], length: 1 },
    { path: ['T', 'b'], length: 2 },
    { path: ['T', 'a', 'y'], length: 4 },
    { path: ['T', 'a'], length: 8 },
  ]);
  expect(tree.map(({ name, length, files }) => [name, length, files])).toEqual([['T', 15, [0, 1, 2, 3]]]);
  expect(drawn(tree)).toEqual(['0T/', '1a/', '2x', '2y', '1a', '1b']);
  const rows = visibleNodes(tree, new Set());
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  const closed = closedAtFirst(tree, 3);
  expect(visibleNodes(tree, closed).map((row) => row.name)).toEqual(['T', 'a', 'a', 'b']);
  expect(closedAtFirst(tree, 4).size).toBe(0);
});

test('folders first, by name as people count', () => {
  const tree = makeTree(paths('T/e10', 'T/e9', 'T/E1', 'T/z/b', 'T/s10/b', 'T/s9/b'));
  expect(drawn(tree)).toEqual(['0T/', '1s9/', '2b', '1s10/', '2b', '1z/', '2b', '1E1', '1e9', '1e10']);
});

test('a search leaves what it finds, in its folders', () => {
  const files = paths('T/a/Film 1.mkv', 'T/a/notes', 'T/b/film 2.mkv', 'T/c/x');
  const found = (search: string): string[] =>
    drawn(makeTree(files, (at) => pathMatches(files[at]?.path.join('/') ?? '', search)));
  expect(found('film mkv')).toEqual(['0T/', '1a/', '2Film 1.mkv', '1b/', '2film 2.mkv']);
  expect(found('nothing')).toEqual([]);
  expect(found('')).toHaveLength(8);
});

test('a folder has what its files have, and the pieces that are its own', () => {
  const file = (firstPiece: number, lastPiece: number): FileView => ({
    index: 0,
    path: '',
    length: 1,
    firstPiece,
    lastPiece,
  });
  const files = [file(0, 2), file(-1, -1), file(2, 3), file(3, 9)];
  const [root] = makeTree(paths('T/a/1', 'T/a/empty', 'T/b/1', 'T/a/2'));
  const [a, b] = root?.children ?? [];
  const state = (...priority: number[]): FileState => ({
    have: Float64Array.of(1, 0, 5, 7),
    priority: Uint8Array.from(priority),
  });
  const of = (node: TreeNode | undefined, ...priority: number[]) => node && nodeState(node, files, state(...priority));
  expect(of(root, 4, 4, 4, 4)).toEqual({ have: 13, priority: 'normal', pieces: { first: 0, last: 9 } });
  // Between its files lies one of another folder.
  expect(of(a, 0, 0, 4, 0)).toEqual({ have: 8, priority: 'skip', pieces: undefined });
  expect(of(b, 0, 0, 6, 0)).toEqual({ have: 5, priority: 'high', pieces: { first: 2, last: 3 } });
  expect(of(root, 0, 4, 4, 4)?.priority).toBe('mixed');
});
