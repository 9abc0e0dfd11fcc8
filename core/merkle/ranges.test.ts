import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import type { HashRange } from '../base/hash-range.ts';
import { uncleCount } from '../base/hash-range.ts';
import {
  heightOfPiece,
  isGiven,
  layerRange,
  layerRequests,
  leafRange,
  leafRequests,
  leavesIn,
  piecesOf,
  type TreeShape,
  unclesOf,
} from './ranges.ts';
import { blankHash, hashAt, HASH_LENGTH, heightOf, pieceRootOf, proofRoot, rootOf } from './tree.ts';
import { UpperTree } from './upper-tree.ts';

const shape = (leaves: number, pieceLayer: number): TreeShape => ({ root: '', leaves, pieceLayer });

describe('requests for a piece layer', () => {
  // As libtorrent 2.0 makes them for the same files, but for the proof layers of the later ones.
  it.each([
    [4096, 4096, [[0, 512, 11]], 8],
    [
      601,
      601,
      [
        [0, 512, 9],
        [512, 128, 9],
      ],
      2,
    ],
    [4, 4, [[0, 4, 1]], 1],
    [2, 2, [[0, 2, 0]], 1],
    [
      513,
      513,
      [
        [0, 512, 9],
        [512, 2, 9],
      ],
      2,
    ],
    [1, 1, [], 0],
  ])('%i pieces', (pieces, _, first, count) => {
    const tree = shape(pieces * 4, 2);
    expect(layerRequests(tree)).toBe(count);
    const ranges = first.map((_range, n) => layerRange(tree, n));
    expect(ranges.map(({ base, index, length, proofLayers }) => [base, index, length, proofLayers])).toEqual(
      first.map((range) => [2, ...range]),
    );
  });
});

describe('requests for the leaves of a piece', () => {
  it.each<[string, TreeShape, number, number[][]]>([
    ['in the middle', shape(100, 2), 3, [[12, 4, 1]]],
    ['at the end of a file', shape(101, 2), 25, [[100, 4, 1]]],
    ['that is all of a file', shape(3, 4), 0, [[0, 4, 1]]],
    ['that is one leaf', shape(9, 0), 5, []],
    ['of a file of one leaf', shape(1, 4), 0, []],
    [
      'of 32 MiB',
      shape(5000, 11),
      1,
      [
        [2048, 512, 10],
        [2560, 512, 10],
        [3072, 512, 10],
        [3584, 512, 10],
      ],
    ],
    [
      'of 32 MiB that ends early',
      shape(2048 + 513, 11),
      1,
      [
        [2048, 512, 10],
        [2560, 512, 10],
      ],
    ],
  ])('%s', (_, tree, piece, expected) => {
    const ranges = Array.from({ length: leafRequests(tree, piece) }, (__, n) => leafRange(tree, piece, n));
    expect(ranges.map(({ base, index, length, proofLayers }) => [base, index, length, proofLayers])).toEqual(
      expected.map((range) => [0, ...range]),
    );
  });
});

describe('a range is given', () => {
  const tree = shape(1000, 2);
  const good: HashRange = { root: '', base: 2, index: 0, length: 256, proofLayers: 7 };
  it.each<[string, Partial<HashRange>, boolean]>([
    ['the whole piece layer', {}, true],
    ['a layer above it', { base: 3, length: 128, proofLayers: 6 }, true],
    ['leaves', { base: 0, index: 4, length: 4, proofLayers: 1 }, true],
    ['leaves up to the root', { base: 0, index: 4, length: 4, proofLayers: 9 }, true],
    ['512 leaves', { base: 0, length: 512, proofLayers: 8 }, true],
    ['padding alone', { base: 0, index: 1020, length: 4, proofLayers: 0 }, true],
    ['a proof of the root itself', { proofLayers: 8 }, false],
    ['more leaves than a piece has, and than should be asked for', { base: 0, length: 1024, proofLayers: 0 }, false],
    ['a layer between', { base: 1, length: 256, proofLayers: 0 }, false],
    ['the root', { base: 10, length: 2, proofLayers: 0 }, false],
    ['behind the end', { index: 256 }, false],
    ['from the middle', { index: 64, length: 128 }, false],
    ['three', { length: 3 }, false],
    ['one', { length: 1, proofLayers: 0 }, false],
    ['none', { length: 0, proofLayers: 0 }, false],
    ['far too many', { length: 2 ** 31 }, false],
    ['far behind the end', { index: 2 ** 32 - 256 }, false],
  ])('%s', (_, change, given) => {
    expect(isGiven(tree, { ...good, ...change })).toBe(given);
  });

  it('that takes no more than thousands of hashes to work out', () => {
    const large = shape(500_000 * 4, 2);
    for (const base of [2, 3, 4, 7, 10, 14]) {
      const most = 8192 / 2 ** (base - 2);
      expect(isGiven(large, { ...good, base, length: most, proofLayers: 0 })).toBe(most > 1);
      expect(isGiven(large, { ...good, base, length: 2 * most, proofLayers: 0 })).toBe(false);
    }
  });

  it('nothing of a file of one leaf', () => {
    expect(isGiven(shape(1, 2), { ...good, base: 0, length: 2, proofLayers: 0 })).toBe(false);
  });
});

describe('what is asked for is given, and proves itself', () => {
  it('whatever the file', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 10 }), (count, pieceLayer) => {
        const leaves = concatBytes(...Array.from({ length: count }, (_, i) => leafOf(i)));
        const tree = shape(count, pieceLayer);
        const each = 2 ** pieceLayer;
        const inPiece = (piece: number): Uint8Array =>
          leaves.subarray(piece * each * HASH_LENGTH, (piece + 1) * each * HASH_LENGTH);
        const lengths = [each * 16384, count * 16384] as const;
        const roots = concatBytes(
          ...Array.from({ length: piecesOf(tree) }, (_, piece) => pieceRootOf(inPiece(piece), ...lengths)),
        );
        const upper = new UpperTree(roots, pieceLayer);
        while (!upper.prepare(1));
        const at = (layer: number, index: number): Uint8Array => {
          if (layer >= pieceLayer && piecesOf(tree) > 1) return upper.hash(layer, index);
          const width = 2 ** layer * HASH_LENGTH;
          return rootOf(leaves.subarray(index * width, (index + 1) * width), 0, layer);
        };
        const proven = (range: HashRange): string => {
          expect(isGiven(tree, range)).toBe(true);
          const own = Array.from({ length: range.length }, (_, i) => at(range.base, range.index + i));
          const uncles = [...unclesOf(range)].map(({ layer, index }) => at(layer, index));
          expect(uncles).toHaveLength(uncleCount(range));
          return toHex(proofRoot(concatBytes(...own), range.index, concatBytes(...uncles)));
        };
        const root = toHex(rootOf(leaves, 0));
        for (let n = 0; n < layerRequests(tree); n++) expect(proven(layerRange(tree, n))).toBe(root);
        for (const piece of new Set([0, piecesOf(tree) >> 1, piecesOf(tree) - 1])) {
          for (let n = 0; n < leafRequests(tree, piece); n++) {
            expect(proven(positioned(leafRange(tree, piece, n), tree))).toBe(toHex(hashAt(roots, piece)));
          }
          expect(inPiece(piece).length).toBe(leavesIn(tree, piece) * HASH_LENGTH);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** The proof of a leaf ends at its piece, so that what is left of its index there does not count. */
const positioned = (range: HashRange, tree: TreeShape): HashRange => {
  expect(heightOf(range.length) + uncleCount(range)).toBe(heightOfPiece(tree));
  return range;
};

const leafOf = (n: number): Uint8Array => new Uint8Array(HASH_LENGTH).fill((n % 251) + 1);

it('an upper tree is blank where the file has no bytes', () => {
  const upper = new UpperTree(concatBytes(leafOf(1), leafOf(2), leafOf(3)), 2);
  expect(upper.prepare(100)).toBe(true);
  expect(toHex(upper.hash(2, 3))).toBe(toHex(blankHash(2)));
  expect(toHex(upper.hash(3, 3))).toBe(toHex(blankHash(3)));
  expect(toHex(upper.hash(12, 1))).toBe(toHex(blankHash(12)));
});
