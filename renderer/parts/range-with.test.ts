import { expect, test } from 'vitest';
import { rangeWith } from './range-with.ts';

const RANGE = { startIndex: 10, endIndex: 12, overscan: 1, count: 100 };

test.each([
  ['before those in sight', 3, [3, 9, 10, 11, 12, 13]],
  ['among them', 11, [9, 10, 11, 12, 13]],
  ['after them', 99, [9, 10, 11, 12, 13, 99]],
  ['nowhere', -1, [9, 10, 11, 12, 13]],
  ['beyond the last one', 100, [9, 10, 11, 12, 13]],
])('the keyboard stands %s', (_, at, drawn) => {
  expect(rangeWith(at)(RANGE)).toEqual(drawn);
});

test.each([
  ['before them', 3, [2, 3, 4, 5, 6]],
  ['among them', 11, [9, 10, 11, 12, 13]],
  ['after them', 50, [47, 48, 49, 50, 51]],
  ['last of all', 99, [96, 97, 98, 99]],
  ['nowhere', -1, [9, 10, 11, 12, 13]],
])('it comes to stand %s, and is about to be scrolled to', (_, at, drawn) => {
  expect(rangeWith(at, true)(RANGE)).toEqual(drawn);
});
