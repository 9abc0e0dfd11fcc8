import { expect, test } from 'vitest';
import { lowerLimit } from './lower-limit.ts';

test.each([
  [0, 0, 0],
  [0, 5, 5],
  [5, 0, 5],
  [5, 6, 5],
  [6, 5, 5],
])('of %d and %d bytes/s %d holds', (a, b, lower) => {
  expect(lowerLimit(a, b)).toBe(lower);
});
