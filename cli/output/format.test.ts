import { expect, test } from 'vitest';
import { formatDuration, formatPercent } from './format.ts';
import { ranges } from './ranges.ts';

test.each([
  [0, '0:00'],
  [1, '0:01'],
  [59_000, '0:59'],
  [60_000, '1:00'],
  [3_723_000, '1:02:03'],
  [90_000_000, '1 d 1 h'],
])('%i ms', (millis, text) => {
  expect(formatDuration(millis)).toBe(text);
});

test.each([
  [0, 100, '0.0%'],
  [999_999, 1_000_000, '99.9%'],
  [1, 1, '100%'],
  [0, 0, '100%'],
])('%i of %i', (part, whole, text) => {
  expect(formatPercent(part, whole)).toBe(text);
});

test.each([
  [[], ''],
  [[3], '3'],
  [[0, 1, 2, 5, 7, 8], '0-2, 5, 7-8'],
  [[1, 3, 5, 7], '1, 3, 5, ...'],
])('ranges of %j', (indexes, text) => {
  expect(ranges(indexes, 3)).toBe(text);
});
