import { expect, test } from 'vitest';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { overviewCells } from './use-overview.ts';

const { missing, unwanted } = PIECE;
const shown = (fill: number, cells = 256): number =>
  overviewCells(Uint8Array.from({ length: 2 * cells }, (_, i) => (i % 2 === 0 ? 3 : fill))).filter((code) => code === 3)
    .length;

test.each([
  [0, 0],
  [64, 64],
  [128, 128],
  [255, 256],
])('cells of which %i of 255 is there', (fill, expected) => {
  expect(Math.abs(shown(fill) - expected)).toBeLessThanOrEqual(2);
});

test('a cell that is shown as there stays so as more arrives', () => {
  for (let cell = 0; cell < 64; cell++) {
    const codes = Array.from({ length: 256 }, (_, fill) => {
      const overview = new Uint8Array(128);
      overview[2 * cell] = 1;
      overview[2 * cell + 1] = fill;
      return overviewCells(overview)[cell];
    });
    const first = codes.indexOf(1);
    expect(codes.slice(first).every((code) => code === 1)).toBe(true);
    expect(codes[0]).toBe(missing);
    expect(codes[255]).toBe(1);
  }
});

test('what is not wanted is shown so, however little of it is there', () => {
  expect([...overviewCells(Uint8Array.of(unwanted, 0, 2, 255, missing, 0))]).toEqual([unwanted, 2, missing]);
});
