import { expect, test } from 'vitest';
import { keepNewest } from './keep-newest.ts';

test.each([
  [5, [1, 2, 3]],
  [3, [1, 2, 3]],
  [2, [2, 3]],
  [0, []],
])('of three at most %s are kept', (most, kept) => {
  const map = new Map([1, 2, 3].map((key) => [key, '']));
  const set = new Set([1, 2, 3]);
  keepNewest(map, most);
  keepNewest(set, most);
  expect([[...map.keys()], [...set]]).toEqual([kept, kept]);
});
