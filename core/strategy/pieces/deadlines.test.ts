import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import { deadlineOrder } from './deadlines.ts';

const MIB = 1024 * 1024;

/** A reader as `at:first-last`. */
function reading(text: string) {
  const [at = 0, first = 0, last = 0] = text.split(/[:-]/).map(Number);
  return { at: piece(at), first: piece(first), last: piece(last) };
}

test.each([
  {
    name: 'what is next, then both ends, then what follows',
    readings: ['10:0-99'],
    missing: 'all',
    order: '10 11 0 99 12 13 14 15 16 17',
  },
  { name: 'what is there is passed over', readings: ['10:0-99'], missing: '12 14 99', order: '12 14 99' },
  {
    name: 'at the beginning the first end is what is next',
    readings: ['0:0-99'],
    missing: 'all',
    order: '0 1 99 2 3 4 5 6 7 8',
  },
  { name: 'nothing behind the file', readings: ['98:5-99'], missing: 'all', order: '98 99 5' },
  {
    name: 'readers take turns, those who wait first',
    readings: ['50:40-60', '10:0-20'],
    missing: 'all',
    order: '50 10 51 11 40 0 60 20 52 12',
  },
  {
    name: 'two in the same place count once',
    readings: ['50:40-60', '50:40-60'],
    missing: 'all',
    order: '50 51 40 60 52 53 54 55 56 57',
  },
  { name: 'nobody reads', readings: [], missing: 'all', order: '' },
  { name: 'all is there', readings: ['10:0-99'], missing: '', order: '' },
])('$name', ({ readings, missing, order }) => {
  const wanted = missing.split(' ').map(Number);
  const pieces = deadlineOrder({
    readings: readings.map(reading),
    pieceLength: MIB,
    isMissing: (p) => missing === 'all' || (missing !== '' && wanted.includes(p)),
  });
  expect(pieces.slice(0, 10).join(' ')).toBe(order);
});

test('with small pieces more of them, at the ends too', () => {
  const pieces = deadlineOrder({ readings: [reading('1000:0-9999')], pieceLength: 64 * 1024, isMissing: () => true });
  expect(pieces.slice(0, 2)).toEqual([1000, 1001]);
  expect(pieces.slice(2, 18).toSorted((a, b) => a - b)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999,
  ]);
  expect(pieces).toHaveLength(256);
});

test('each piece once, missing, of a file that is read, and a bounded number', () => {
  const file = fc
    .tuple(fc.nat(500), fc.nat(300))
    .chain(([first, more]) =>
      fc.nat(more).map((at) => ({ at: piece(first + at), first: piece(first), last: piece(first + more) })),
    );
  fc.assert(
    fc.property(fc.array(file, { maxLength: 6 }), fc.integer({ min: 14, max: 28 }), (readings, power) => {
      const isMissing = (p: number): boolean => p % 3 !== 0;
      const pieces = deadlineOrder({ readings, pieceLength: 2 ** power, isMissing });
      expect(new Set(pieces).size).toBe(pieces.length);
      expect(pieces.length).toBeLessThanOrEqual(256);
      for (const p of pieces) {
        expect(isMissing(p) && readings.some(({ first, last }) => first <= p && p <= last)).toBe(true);
      }
    }),
  );
});
