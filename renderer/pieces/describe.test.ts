import { expect, test } from 'vitest';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { createFormat } from '../format/format.ts';
import { describeMap, type TipFacts, tipOf, withoutRoot } from './describe.ts';
import { MapData } from './map-data.ts';

const en = createFormat('en-US');
const data = new MapData(6);
data.update({
  pieces: Uint8Array.of(0, 1, PIECE.fetching, PIECE.missing, PIECE.unwanted, PIECE.fromBefore),
  availability: Uint8Array.of(6, 1, 2, 0, 3, 3),
  begun: Uint32Array.of(2, 1, 143),
});
const files = [
  { index: 0, path: 'T/a.mp4', length: 1, firstPiece: 0, lastPiece: 2 },
  { index: 1, path: 'T/b.txt', length: 1, firstPiece: 2, lastPiece: 5 },
  { index: 2, path: 'T/empty', length: 0, firstPiece: -1, lastPiece: -1 },
];
const tip = (from: number, to = from + 1, source?: TipFacts['source'], several = true): string => {
  const { heading, state, lines } = tipOf(
    data,
    from,
    to,
    { pieceLength: 16 * 16_384, files, name: 'T', source, several },
    en,
  );
  return [`${heading}: ${state}`, ...lines].join(' | ');
};

test.each([
  [0, 'Piece 0: there | Identity 1 · 6 peers have it | a.mp4'],
  [1, 'Piece 1: there | Identity 2 · 1 peer has it | a.mp4'],
  [2, 'Piece 2: arriving, 9 of 16 blocks | Identity 2 · 2 peers have it | a.mp4 and 1 more file'],
  [3, 'Piece 3: missing | no connected peer has it | b.txt'],
  [4, 'Piece 4: not wanted | 3 peers have it | b.txt'],
  [5, 'Piece 5: there before this start | 3 peers have it | b.txt'],
])('piece %i', (piece, expected) => {
  expect(tip(piece)).toBe(expected);
});

test.each([
  [1, ['198.51.100.80'], 'Identity 2 from 198.51.100.80 · 1 peer has it'],
  [1, ['a', 'b'], 'Identity 2 from a and b · 1 peer has it'],
  [1, ['a', 'b', 'c', 'd'], 'Identity 2 from a, b, and 2 others · 1 peer has it'],
  [1, [], 'Identity 2 · 1 peer has it'],
  [0, ['a'], 'Identity 2 · 1 peer has it'],
])('piece 1, where the source of piece %i is known to be %j', (piece, from, expected) => {
  expect(tip(1, 2, { piece, from }).split(' | ')[1]).toBe(expected);
});

test('one identity alone goes without saying', () => {
  expect(tip(0, 1, undefined, false)).toBe('Piece 0: there | 6 peers have it | a.mp4');
  expect(tip(0, 1, { piece: 0, from: ['a'] }, false)).toBe('Piece 0: there | from a · 6 peers have it | a.mp4');
  expect(tip(0, 6, undefined, false)).not.toContain('Identity');
});

test('a cell for several pieces', () => {
  expect(tip(0, 6)).toBe(
    'Pieces 0 to 5: 3 of 6 there, 1 arriving | Identity 1: 1 · Identity 2: 1 | no connected peer has the rarest | a.mp4 and 1 more file',
  );
});

test('a map in words', () => {
  const identities = [360, 313].map((pieces, index) => ({ index: index as never, pieces }));
  expect(describeMap(1021, 1648, identities, en)).toBe(
    '1,021 of 1,648 pieces; identity 1 fetched 360, identity 2 fetched 313',
  );
  expect(describeMap(0, 4, [], en)).toBe('0 of 4 pieces');
});

test('the folder of the torrent goes without saying', () => {
  expect(withoutRoot('T/a/b', 'T')).toBe('a/b');
  expect(withoutRoot('Tx/a', 'T')).toBe('Tx/a');
});
