import { expect, test } from 'vitest';
import { counted } from './counted.ts';

test.each([
  [0, '0 pieces'],
  [1, '1 piece'],
  [2, '2 pieces'],
])('%i', (count, text) => {
  expect(counted(count, 'piece')).toBe(text);
});
