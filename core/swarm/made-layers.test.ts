import { expect, test } from 'vitest';
import { MadeLayers } from './made-layers.ts';
import type { SwarmState } from './state.ts';

const TREE = { root: 'a'.repeat(64), leaves: 4000, pieceLayer: 2, firstPieces: [0] };

test('of a file that is there in part the pieces are not looked through for each request', () => {
  const there = new Set<number>(Array.from({ length: 990 }, (_, p) => p));
  let looks = 0;
  const serves = (piece: number): boolean => {
    looks++;
    return there.has(piece);
  };
  const layers = new MadeLayers({ info: {} } as SwarmState, serves, () => {});
  expect(layers.has(TREE)).toBe(false);
  const first = looks;
  for (let i = 0; i < 100; i++) expect(layers.has(TREE)).toBe(false);
  expect(looks - first).toBe(100);
  // The one that was not there is, another one is not.
  there.add(990);
  expect(layers.has(TREE)).toBe(false);
  for (let p = 991; p < 1000; p++) there.add(p);
  expect(layers.has(TREE)).toBe(true);
  there.delete(3);
  expect(layers.has(TREE)).toBe(false);
});
