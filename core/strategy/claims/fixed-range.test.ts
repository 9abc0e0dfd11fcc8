import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityIndex, piece } from '../../base/ids.ts';
import { fixedRange, homeOf } from './fixed-range.ts';

test('every piece has one home, the identity in whose range it lies, also with more identities than pieces', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 1 << 24 }));
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ([count, pieceCount], where) => {
      for (const p of [Math.floor(where * pieceCount), 0, pieceCount - 1]) {
        const { first, end } = fixedRange(homeOf(piece(p), count, pieceCount), count, pieceCount);
        expect(first <= p && p < end).toBe(true);
      }
    }),
  );
  for (let i = 0; i < 255; i++) {
    const { first, end } = fixedRange(identityIndex(i), 255, 99_991);
    expect([homeOf(piece(first), 255, 99_991), homeOf(piece(end - 1), 255, 99_991)]).toEqual([i, i]);
  }
});
