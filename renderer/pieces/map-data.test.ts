import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { MapData, type Range } from './map-data.ts';

const { missing: MISSING, fetching: FETCHING } = PIECE;

const map = (pieces: number[], begun: number[] = []) => ({
  pieces: Uint8Array.from(pieces),
  availability: new Uint8Array(pieces.length).fill(3),
  begun: Uint32Array.from(begun),
});

function changes(data: MapData, act: () => void): Range[] {
  const out: Range[] = [];
  const stop = data.onChange((ranges) => out.push(...ranges));
  act();
  stop();
  return out;
}

test('tells exactly what differs', () => {
  const data = new MapData(6);
  data.update(map([0, 1, MISSING, MISSING, 2, MISSING]));
  expect(changes(data, () => data.update(map([0, 1, 3, 3, 2, 0])))).toEqual([
    [2, 4],
    [5, 6],
  ]);
  expect(data.availability(0)).toBe(3);
});

test('a still map has its pieces, none on its way, and tells nothing of peers', () => {
  const data = MapData.still(Uint8Array.of(3, MISSING));
  expect([data.count, [...data.codes], data.arriving.size, data.availability(0)]).toEqual([
    2,
    [3, MISSING],
    0,
    undefined,
  ]);
});

test('the same map again tells nothing', () => {
  const data = new MapData(3);
  const one = map([0, MISSING, FETCHING], [2, 1, 9]);
  data.update(one);
  expect(changes(data, () => data.update({ ...one, begun: one.begun.slice() }))).toEqual([]);
});

test('a piece on its way that grows, changes hands or ends is told', () => {
  const data = new MapData(4);
  data.update(map([FETCHING, FETCHING, FETCHING, FETCHING], [0, 1, 10, 1, 1, 10, 2, 1, 10]));
  const told = changes(data, () =>
    data.update(map([FETCHING, FETCHING, FETCHING, FETCHING], [0, 1, 11, 1, 2, 10, 3, 1, 10])),
  );
  expect(told.map(([from]) => from).sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  expect([...data.arriving.keys()].sort((a, b) => a - b)).toEqual([0, 1, 3]);
});

test('a piece beyond the last is not told', () => {
  const data = new MapData(2);
  expect(changes(data, () => data.update(map([MISSING, MISSING], [9, 0, 5])))).toEqual([]);
});

test('outside of the ranges nothing differs', () => {
  const pieces = fc.array(fc.constantFrom(0, 1, PIECE.missing), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(pieces, pieces, (before, after) => {
      const data = new MapData(20);
      data.update(map(before));
      const ranges = changes(data, () => data.update(map(after)));
      const within = new Set(ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)));
      for (let i = 0; i < 20; i++) expect(within.has(i)).toBe(before[i] !== after[i]);
    }),
  );
});
