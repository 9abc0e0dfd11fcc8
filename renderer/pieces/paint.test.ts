import { expect, test } from 'vitest';
import { ARRIVING, MISSING, NOT_WANTED, ownLens, SLOT, WHOLE } from './codes.ts';
import { layGrid, type MapSize } from './grid.ts';
import { paintCell } from './paint.ts';
import { mixPalette, type Palette, parseColour, pixel, type Rgb } from './palette.ts';

const hues: Rgb[] = Array.from({ length: 8 }, (_, i) => [10 + i, 100, 200]);
const colours = {
  hues,
  siblings: parseColour('#cccccc'),
  before: parseColour('#888'),
  track: parseColour('#eeeeee'),
  unwanted: parseColour('#f8f8f8'),
  paper: parseColour('#ffffff'),
};
const palette = mixPalette(colours);

function paint(codes: number[], width: number, height: number, size: MapSize, shown: Palette = palette, own?: number) {
  const grid = layGrid(codes.length, width, height, 1, size);
  const pixels = new Uint32Array(grid.width * grid.height);
  const arriving = new Map(
    codes.flatMap((code, i) => (code === ARRIVING ? [[i, { identity: 3, fill: 128 }] as const] : [])),
  );
  const lens = own === undefined ? WHOLE : ownLens(own);
  const picture = { codes: Uint8Array.from(codes), arriving, lens, first: own ?? -1, from: 0 };
  for (let cell = 0; cell < grid.cells; cell++) paintCell(pixels, grid, cell, picture, shown, 1);
  const centre = (cell: number): number => {
    const x = Math.floor((grid.edgesX[cell % grid.columns]! + grid.edgesX[(cell % grid.columns) + 1]!) / 2);
    const row = Math.floor(cell / grid.columns);
    return pixels[Math.floor((grid.edgesY[row]! + grid.edgesY[row + 1]!) / 2) * grid.width + x]!;
  };
  return { grid, pixels, centre };
}

test('each piece has the colour of its identity, missing ones the track', () => {
  const { centre } = paint([0, 1, MISSING, 2], 200, 40, 'map');
  expect([0, 1, 2, 3].map(centre)).toEqual([palette.solid[0], palette.solid[1], palette.track, palette.solid[2]]);
});

test('a piece on its way is filled from below by as much as is there', () => {
  const { grid, pixels } = paint([ARRIVING], 40, 40, 'map');
  const column = Array.from({ length: grid.height }, (_, y) => pixels[y * grid.width + 20]);
  expect(column.at(-1)).toBe(palette.solid[3]);
  expect(column[0]).toBe(palette.faint[3]);
  expect(column.filter((one) => one === palette.solid[3]).length).toBe(20);
});

test('in a band the others are grey', () => {
  const { centre } = paint([0, 1, 0], 120, 32, 'band', palette, 1);
  expect([0, 1, 2].map(centre)).toEqual([palette.solid[SLOT.siblings], palette.solid[1], palette.solid[SLOT.siblings]]);
});

test('from the ninth identity on hues repeat with a texture', () => {
  const colours = (identity: number): Set<number> => new Set(paint([identity], 40, 40, 'map').pixels);
  expect(colours(0)).not.toContain(palette.mark[8]);
  for (const identity of [8, 16, 24]) {
    expect(colours(identity)).toContain(palette.solid[0]);
    expect(colours(identity)).toContain(palette.mark[8]);
  }
  const pictures = [0, 8, 16, 24].map((identity) => paint([identity], 40, 40, 'map').pixels.join());
  expect(new Set(pictures).size).toBe(4);
});

test.each<[string, number[], number, number, MapSize]>([
  ['a piece', [NOT_WANTED], 40, 40, 'map'],
  ['a cell of several', Array.from({ length: 4000 }, () => NOT_WANTED), 60, 20, 'map'],
  ['a line', Array.from({ length: 400 }, () => NOT_WANTED), 60, 7, 'line'],
])('what is not wanted is hatched, so that it is not taken for missing: %s', (_what, codes, width, height, size) => {
  const mark = palette.mark[SLOT.unwanted];
  const share = (of: number[]): number => {
    const { pixels } = paint(of, width, height, size);
    return pixels.filter((one) => one === mark).length / pixels.length;
  };
  expect(share(codes)).toBeGreaterThan(0.15);
  expect(share(codes)).toBeLessThan(0.5);
  expect(share(codes.map(() => MISSING))).toBe(0);
});

test('with one identity alone the others are dimmed, and it is not', () => {
  const dimmed = mixPalette(colours, 2);
  expect(dimmed.solid[2]).toBe(palette.solid[2]);
  expect(dimmed.solid[1]).not.toBe(palette.solid[1]);
});

test('a cell never paints outside of its box', () => {
  const grid = layGrid(50, 300, 60, 1, 'map');
  const pixels = new Uint32Array(grid.width * grid.height);
  const picture = { codes: new Uint8Array(50), arriving: new Map(), lens: WHOLE, first: -1, from: 0 };
  paintCell(pixels, grid, 7, picture, palette, 1);
  const column = 7 % grid.columns;
  const row = Math.floor(7 / grid.columns);
  pixels.forEach((value, at) => {
    if (value === 0) return;
    const x = at % grid.width;
    const y = Math.floor(at / grid.width);
    expect(x >= grid.edgesX[column]! && x < grid.edgesX[column + 1]!).toBe(true);
    expect(y >= grid.edgesY[row]! && y < grid.edgesY[row + 1]!).toBe(true);
  });
});

test.each([
  ['#fff', [255, 255, 255]],
  ['#0072b2', [0, 0x72, 0xb2]],
  [' #D55E00 ', [0xd5, 0x5e, 0]],
  ['red', [0, 0, 0]],
])('colour %s', (written, rgb) => {
  expect(parseColour(written)).toEqual(rgb);
});

test('pixels are little-endian and opaque', () => {
  expect(pixel([1, 2, 3])).toBe(0xff030201);
});
