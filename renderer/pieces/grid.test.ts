import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellBox, moveCursor } from './cursor.ts';
import { cellAt, layGrid, type MapSize, piecesOf } from './grid.ts';

test.each<[string, number, number, number, MapSize, number]>([
  ['four pieces in a map', 4, 900, 188, 'map', 1],
  ['a usual torrent in a map', 1648, 886, 188, 'map', 1],
  ['a usual torrent in a band', 1648, 340, 32, 'band', 1],
  ['a large one in a map', 100_000, 1000, 288, 'map', 40],
  ['the largest in a map', 200_000, 886, 188, 'map', 151],
  ['the largest in a band', 200_000, 372, 32, 'band', 1613],
])('%s', (_, count, width, height, size, perCell) => {
  const grid = layGrid(count, width, height, 1, size);
  expect(grid.perCell).toBe(perCell);
  expect(grid.rows * grid.columns).toBeGreaterThanOrEqual(grid.cells);
  expect((grid.rows - 1) * grid.columns).toBeLessThan(grid.cells);
});

test('four pieces stand side by side over the whole width', () => {
  const grid = layGrid(4, 900, 188, 2, 'map');
  expect([grid.columns, grid.rows]).toEqual([4, 1]);
  expect([...grid.edgesX]).toEqual([0, 450, 900, 1350, 1800]);
});

test.each([
  [4, 300, 4],
  [256, 300, 256],
  [256, 53, 52],
  [100_000, 300, 300],
])('a line of %i pieces in %i pixels has %i cells side by side', (count, width, cells) => {
  const grid = layGrid(count, width, 7, 1, 'line');
  expect([grid.columns, grid.rows]).toEqual([cells, 1]);
});

const shapes = fc.record({
  count: fc.integer({ min: 1, max: 200_000 }),
  width: fc.integer({ min: 40, max: 2000 }),
  height: fc.integer({ min: 6, max: 600 }),
  ratio: fc.constantFrom(1, 1.25, 1.5, 2, 3),
  size: fc.constantFrom<MapSize>('line', 'band', 'map'),
});

test('every piece lies in exactly one cell, and every cell in the canvas', () => {
  fc.assert(
    fc.property(shapes, ({ count, width, height, ratio, size }) => {
      const grid = layGrid(count, width, height, ratio, size);
      expect(piecesOf(grid, 0)[0]).toBe(0);
      expect(piecesOf(grid, grid.cells - 1)[1]).toBe(count);
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(grid.cells);
      expect(grid.edgesX.at(-1)).toBe(grid.width);
      expect(grid.edgesY.at(-1)).toBe(grid.height);
      for (let i = 0; i < grid.columns; i++) expect(grid.edgesX[i + 1]).toBeGreaterThan(grid.edgesX[i]!);
      for (let i = 0; i < grid.rows; i++) expect(grid.edgesY[i + 1]).toBeGreaterThan(grid.edgesY[i]!);
    }),
  );
});

test('the cell under a point is the one whose box holds it', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), ({ count, width, height, ratio, size }, pick) => {
      const grid = layGrid(count, width, height, ratio, size);
      const cell = pick % grid.cells;
      const box = cellBox(grid, cell, 1);
      expect(cellAt(grid, box.left + box.width / 2, box.top + box.height / 2)).toBe(cell);
    }),
  );
});

test('beyond the last cell there is none', () => {
  const grid = layGrid(5, 100, 30, 1, 'map');
  expect(cellAt(grid, -1, 0)).toBeUndefined();
  expect(cellAt(grid, 0, 30)).toBeUndefined();
  if (grid.rows * grid.columns > grid.cells) expect(cellAt(grid, 99, 29)).toBeUndefined();
});

test.each([
  ['ArrowRight', 10, 11],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 0, 'columns'],
  ['ArrowUp', 3, 3],
  ['End', 0, 'last'],
  ['Home', 50, 0],
  ['Enter', 5, undefined],
])('%s from %i', (key, from, to) => {
  const grid = layGrid(100, 300, 100, 1, 'map');
  const expected = to === 'columns' ? grid.columns : to === 'last' ? 99 : to;
  expect(moveCursor(grid, from, key)).toBe(expected);
});
