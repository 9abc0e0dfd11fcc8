import { expect, test } from 'vitest';
import { retryAfter } from './retry-after.ts';

const NOW = Date.UTC(2030, 0, 1, 12);

test.each([
  [undefined, undefined],
  ['120', 120_000],
  ['0', 0],
  ['Tue, 01 Jan 2030 12:01:00 GMT', 60_000],
  ['Tuesday, 01-Jan-30 12:01:00 GMT', 60_000],
  ['Tue, 01 Jan 2030 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['5 minutes', undefined],
  ['9'.repeat(50), undefined],
  ['x'.repeat(1000), undefined],
])('Retry-After: %s', (value, wait) => {
  expect(retryAfter(value, NOW)).toBe(wait);
});
