import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, sameBytes, toHex } from '../base/bytes.ts';
import { type HashRange, uncleCount } from '../base/hash-range.ts';
import { LayerAssembly, type WantedLayer } from './layer-assembly.ts';
import { HASHES_PER_REQUEST, unclesOf } from './ranges.ts';
import { HASH_LENGTH, rootOf } from './tree.ts';
import { UpperTree } from './upper-tree.ts';

const LAYER = 2;

function layerOf(pieces: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: pieces * HASH_LENGTH }, (_, i) => (i * 31 + (i >> 5) * 7 + seed) & 0xff);
}

/** A file of so many pieces, and who knows all of its tree. */
function file(pieces: number, firstPiece = 0, seed = 1) {
  const layer = layerOf(pieces, seed);
  const root = toHex(rootOf(layer, LAYER));
  const tree: WantedLayer = { root, leaves: pieces * 2 ** LAYER, pieceLayer: LAYER, firstPieces: [firstPiece] };
  const upper = new UpperTree(layer, LAYER);
  upper.prepare(Infinity);
  const answer = (range: HashRange): Uint8Array => {
    const own = Array.from({ length: range.length }, (_, i) => upper.hash(LAYER, range.index + i));
    return concatBytes(...own, ...[...unclesOf(range)].map(({ layer: at, index }) => upper.hash(at, index)));
  };
  return { layer, tree, answer };
}

describe('piece layers put together from what peers send', () => {
  it('are those of the files, whatever the order, and however many are asked at a time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (pieces, atATime, choices) => {
          const { layer, tree, answer } = file(pieces);
          const assembly = new LayerAssembly([tree], new Uint8Array(layer.length));
          const open = Array.from({ length: assembly.count }, (_, i) => i);
          const take = <T>(from: T[]): T => from.splice((choices.next().value ?? 0) % from.length, 1)[0] as T;
          const asked: HashRange[] = [];
          while (open.length > 0 || asked.length > 0) {
            if (open.length > 0 && asked.length < atATime) {
              const request = take(open);
              const range = assembly.range(request);
              expect(assembly.requestFor(range)).toBe(request);
              asked.push(range);
            } else {
              const range = take(asked);
              expect(assembly.add(range, answer(range))).toBe(true);
            }
          }
          expect(sameBytes(assembly.roots, layer)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('need little more proof than there are requests', () => {
    const { tree, answer } = file(100 * HASHES_PER_REQUEST);
    const assembly = new LayerAssembly([tree], new Uint8Array(100 * HASHES_PER_REQUEST * HASH_LENGTH));
    let uncles = 0;
    for (let request = 0; request < assembly.count; request++) {
      const range = assembly.range(request);
      uncles += uncleCount(range);
      expect(assembly.add(range, answer(range))).toBe(true);
    }
    // As many as the tree has above the requests; up to the root each they would be 700.
    expect(uncles).toBeLessThanOrEqual(100 + 7);
  });

  it('take no hash that is not proven, also where little is asked to prove it', () => {
    const { layer, tree, answer } = file(3000);
    const assembly = new LayerAssembly([tree], new Uint8Array(layer.length));
    const first = assembly.range(0);
    const behind = { ...first, index: 2048 };
    expect(assembly.add(behind, answer({ ...behind, proofLayers: 9 }))).toBe(false);
    const bare = { ...first, proofLayers: 8 };
    expect(assembly.add(bare, answer(bare))).toBe(false);
    expect(assembly.add(first, answer(first).subarray(HASH_LENGTH))).toBe(false);
    expect(assembly.add(first, answer(first))).toBe(true);
    for (const request of [1, 2, 5]) {
      const range = assembly.range(request);
      const right = answer(range);
      for (let at = 0; at < right.length; at += 5 * HASH_LENGTH) {
        const wrong = right.slice();
        wrong[at] = (wrong[at] ?? 0) ^ 1;
        expect(assembly.add(range, wrong)).toBe(false);
      }
      expect(assembly.add(range, right)).toBe(true);
    }
  });

  it('of several files stand each at its place, those of the same bytes at all of theirs', () => {
    const [a, b] = [file(600, 0, 1), file(3, 600, 2)];
    const twice = { ...b.tree, firstPieces: [600, 603] };
    const assembly = new LayerAssembly([a.tree, twice], new Uint8Array(606 * HASH_LENGTH));
    expect(assembly.count).toBe(3);
    for (const [request, { answer }] of [a, a, b].entries()) {
      const range = assembly.range(request);
      expect(assembly.add(range, answer(range))).toBe(true);
    }
    expect(sameBytes(assembly.roots, concatBytes(a.layer, b.layer, b.layer))).toBe(true);
    expect(assembly.requestFor({ ...assembly.range(0), root: '00'.repeat(32) })).toBeUndefined();
    expect(assembly.requestFor({ ...assembly.range(0), index: 5 })).toBeUndefined();
    expect(() => assembly.range(3)).toThrow(RangeError);
  });
});
