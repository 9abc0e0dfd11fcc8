import fc from 'fast-check';
import { expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { nextPieces } from './next-pieces.ts';
import { MOST_PIECES } from './piece-list.ts';

const all = { wants: () => true, sizeOf: () => 10, most: 100, uniform: () => 0 };

test('what fewest have is asked for first, as much as fits, at least one', () => {
  const masks = [0b11, 0b01, 0b10, 0b11, 0b01];
  const holders = (p: number): number => masks[p] ?? 0;
  const choice = { ...all, pieceCount: 5, from: 0, holders };
  expect(nextPieces(choice)).toEqual([1, 4]);
  expect(nextPieces({ ...choice, most: 15 })).toEqual([1]);
  expect(nextPieces({ ...choice, most: 1 })).toEqual([1]);
  expect(nextPieces({ ...choice, wants: (p) => p !== 1 && p !== 4 })).toEqual([0, 3]);
  expect(nextPieces({ ...choice, from: 2 })).toEqual([]);
  expect(nextPieces({ ...choice, from: 31, holders: () => 1 << 31 })).toHaveLength(5);
});

test('each begins elsewhere', () => {
  const choice = { ...all, pieceCount: 100, from: 0, holders: () => 1, most: 20 };
  expect(nextPieces(choice)).toEqual([0, 1]);
  expect(nextPieces({ ...choice, uniform: () => 0.5 })).toEqual([50, 51]);
  expect(nextPieces({ ...choice, uniform: () => 0.995 })).toEqual([0, 99]);
});

test('only what it has and what is wanted is asked for, ascending, and no more than a request may', () => {
  const masks = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 2000 });
  fc.assert(
    fc.property(
      masks,
      fc.nat({ max: 2 }),
      fc.nat({ max: 3 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (held, from, odd, at) => {
        const pieces = nextPieces({
          pieceCount: held.length,
          from,
          wants: (p) => p % 4 !== odd,
          holders: (p) => held[p] ?? 0,
          sizeOf: () => 1,
          most: 10_000,
          uniform: () => at,
        });
        expect(pieces.length).toBeLessThanOrEqual(MOST_PIECES);
        expect(pieces).toEqual([...new Set(pieces)].sort((a, b) => a - b));
        for (const p of pieces) expect([((held[p] ?? 0) >> from) & 1, p % 4 === odd]).toEqual([1, false]);
        const some = held.some((mask, p) => ((mask >> from) & 1) === 1 && p % 4 !== odd);
        expect(pieces.length > 0).toBe(some);
      },
    ),
  );
  expect(piece(0)).toBe(0);
});
