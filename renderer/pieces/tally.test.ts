import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARRIVING, FROM_BEFORE, MISSING, NOT_WANTED, ownLens, SLOT, WHOLE } from './codes.ts';
import { count, type Layer, layers, newTally, shownAt } from './tally.ts';

function stack(
  codes: number[],
  height: number,
  own?: number,
  arriving = new Map<number, { identity: number; fill: number }>(),
) {
  const tally = newTally();
  count(tally, Uint8Array.from(codes), arriving, own === undefined ? WHOLE : ownLens(own), 0, codes.length);
  const out: Layer[] = [];
  const used = layers(tally, height, 1, own ?? -1, out);
  return out.slice(0, used).map(({ slot, faint, end }) => [slot, faint, end]);
}

test.each<[string, number[], number, (number | boolean)[][]]>([
  ['nothing there', [MISSING, MISSING], 10, []],
  ['only what is not wanted', [NOT_WANTED, NOT_WANTED], 10, []],
  ['all of one identity', [2, 2, 2], 10, [[2, false, 10]]],
  ['half of it', [1, MISSING], 10, [[1, false, 5]]],
  [
    'two identities by their shares',
    [0, 0, 0, 1],
    12,
    [
      [0, false, 9],
      [1, false, 12],
    ],
  ],
  ['from before', [FROM_BEFORE, FROM_BEFORE], 4, [[SLOT.before, false, 4]]],
  ['one of a thousand still shows', [3, ...Array<number>(999).fill(MISSING)], 9, [[3, false, 1]]],
  ['one missing of a thousand still shows', [...Array<number>(999).fill(3), MISSING], 9, [[3, false, 8]]],
])('%s', (_, codes, height, expected) => {
  expect(stack(codes, height)).toEqual(expected);
});

test('an identity lies at the bottom of its own band, the others in grey above', () => {
  expect(stack([0, 0, 1, MISSING], 12, 1)).toEqual([
    [1, false, 3],
    [SLOT.siblings, false, 9],
  ]);
});

test('an identity with little is still seen in its band', () => {
  expect(stack([1, ...Array<number>(199).fill(0)], 32, 1)[0]).toEqual([1, false, 2]);
});

test('what is arriving lies faint above what is there', () => {
  const arriving = new Map([[1, { identity: 4, fill: 100 }]]);
  expect(stack([0, ARRIVING, MISSING, MISSING], 12, undefined, arriving)).toEqual([
    [0, false, 3],
    [4, true, 6],
  ]);
});

test('an arriving piece that nobody fetches any more counts as missing', () => {
  expect(stack([ARRIVING], 10)).toEqual([]);
});

test('layers rise, stay within the cell, and are full only when every piece is there', () => {
  const code = fc.oneof(fc.integer({ min: 0, max: 31 }), fc.constantFrom(MISSING, NOT_WANTED, FROM_BEFORE));
  fc.assert(
    fc.property(fc.array(code, { minLength: 1, maxLength: 60 }), fc.integer({ min: 2, max: 40 }), (codes, height) => {
      const found = stack(codes, height);
      let below = 0;
      for (const [, , end] of found) {
        expect(end).toBeGreaterThan(below);
        below = Number(end);
      }
      const there = codes.filter((one) => one !== MISSING && one !== NOT_WANTED).length;
      expect(below === height).toBe(there === codes.length);
      expect(below === 0).toBe(there === 0);
    }),
  );
});

describe('a cell of a line', () => {
  const shown = (codes: number[], arriving = new Map<number, { identity: number; fill: number }>()) => {
    const tally = newTally();
    count(tally, Uint8Array.from(codes), arriving, WHOLE, 0, codes.length);
    return Array.from({ length: 300 }, (_, cell) => shownAt(tally, cell));
  };

  test('shows each kind in its proportion, whatever the stretch', () => {
    const arriving = new Map([[3, { identity: 4, fill: 9 }]]);
    const cells = shown([0, 0, 1, ARRIVING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING], arriving);
    for (const from of [0, 100, 200]) {
      const part = cells.slice(from, from + 100);
      const of = (slot: number, faint: boolean) =>
        part.filter((one) => one.slot === slot && one.faint === faint).length;
      expect(Math.abs(of(0, false) - 20)).toBeLessThanOrEqual(4);
      expect(Math.abs(of(1, false) - 10)).toBeLessThanOrEqual(4);
      expect(Math.abs(of(4, true) - 10)).toBeLessThanOrEqual(4);
      expect(Math.abs(of(SLOT.missing, false) - 60)).toBeLessThanOrEqual(4);
    }
  });

  test.each([
    ['full', [2, 2, 2], 2],
    ['empty', [MISSING, MISSING], SLOT.missing],
    ['not wanted', [NOT_WANTED, NOT_WANTED], SLOT.unwanted],
  ])('%s', (_, codes, slot) => {
    expect(shown(codes).every((one) => one.slot === slot && !one.faint)).toBe(true);
  });
});
