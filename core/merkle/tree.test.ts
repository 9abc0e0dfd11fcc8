import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import {
  blankHash,
  fileRootOf,
  HASH_LENGTH,
  hashAt,
  heightOf,
  LEAF_LENGTH,
  leavesOf,
  parentHash,
  pieceRootOf,
  proofRoot,
  rootOf,
} from './tree.ts';

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  );
const zeros = new Uint8Array(HASH_LENGTH);
const leaf = (n: number): Uint8Array => new Uint8Array(HASH_LENGTH).fill(n);
const leaves = (count: number): Uint8Array => concatBytes(...Array.from({ length: count }, (_, i) => leaf(i + 1)));
const hex = (data: Uint8Array): string => toHex(data);

describe('a tree', () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [1 << 20, 20],
    [(1 << 20) + 1, 21],
  ])('over %i leaves has its root in layer %i', (count, height) => {
    expect(heightOf(count)).toBe(height);
  });

  it('is filled with leaves of zeros, not with hashes of zeros', () => {
    const right = sha256(leaf(3), zeros);
    expect(hex(rootOf(leaves(3), 0))).toBe(hex(sha256(sha256(leaf(1), leaf(2)), right)));
    expect(hex(blankHash(2))).toBe(hex(sha256(sha256(zeros, zeros), sha256(zeros, zeros))));
    expect(hex(rootOf(leaves(1), 0, 2))).toBe(hex(sha256(sha256(leaf(1), zeros), sha256(zeros, zeros))));
  });

  it('of one leaf is that leaf', () => {
    expect(hex(rootOf(leaves(1), 0))).toBe(hex(leaf(1)));
  });

  it('has the hash of each 16 KiB as a leaf, the last one of what there is', () => {
    const data = new Uint8Array(LEAF_LENGTH + 5).fill(7);
    const made = leavesOf(data);
    expect(made.length).toBe(2 * HASH_LENGTH);
    expect(hex(hashAt(made, 1))).toBe(hex(sha256(data.subarray(LEAF_LENGTH))));
  });
});

describe('the pieces of a file', () => {
  it('of one piece: the tree ends with the file', () => {
    const one = leaves(3);
    expect(hex(pieceRootOf(one, 8 * LEAF_LENGTH, 3 * LEAF_LENGTH))).toBe(hex(rootOf(one, 0, 2)));
    expect(hex(fileRootOf(rootOf(one, 0, 2), 8 * LEAF_LENGTH))).toBe(hex(rootOf(one, 0, 2)));
  });

  it('lead to the same root as its leaves, whatever the piece length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 4 }), (count, layer) => {
        const all = leaves(count);
        const each = 1 << layer;
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < count; at += each) {
          const own = all.subarray(at * HASH_LENGTH, Math.min(count, at + each) * HASH_LENGTH);
          pieces.push(pieceRootOf(own, each * LEAF_LENGTH, count * LEAF_LENGTH));
        }
        expect(hex(fileRootOf(concatBytes(...pieces), each * LEAF_LENGTH))).toBe(hex(rootOf(all, 0)));
      }),
    );
  });
});

describe('a proof', () => {
  it('leads from any run of hashes and their uncles to the root, and from none that differ', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.nat(), (height, at, cut) => {
        const all = leaves(1 << height);
        const own = cut % (height + 1);
        const length = 1 << own;
        const position = at % (1 << (height - own));
        const uncles: Uint8Array[] = [];
        let row = rowOf(all, own);
        for (let place = position; row.length > HASH_LENGTH; place >>= 1) {
          uncles.push(hashAt(row, place ^ 1));
          row = rowOf(row, 1);
        }
        const index = position * length;
        const run = all.slice(index * HASH_LENGTH, (index + length) * HASH_LENGTH);
        expect(hex(proofRoot(run, index, concatBytes(...uncles)))).toBe(hex(rootOf(all, 0)));
        run[0] = (run[0] ?? 0) ^ 1;
        expect(hex(proofRoot(run, index, concatBytes(...uncles)))).not.toBe(hex(rootOf(all, 0)));
      }),
    );
  });
});

/** The hashes some layers up, of a whole power of two. */
function rowOf(row: Uint8Array, up: number): Uint8Array {
  if (up === 0) return row;
  const pairs = Array.from({ length: row.length / 64 }, (_, i) =>
    parentHash(hashAt(row, 2 * i), hashAt(row, 2 * i + 1)),
  );
  return rowOf(concatBytes(...pairs), up - 1);
}
