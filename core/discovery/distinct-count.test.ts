import { expect, test } from 'vitest';
import { DistinctCount } from './distinct-count.ts';

test('each name counts once, as long as it is remembered', () => {
  const names = new DistinctCount();
  for (let round = 0; round < 3; round++) for (let i = 0; i < 2_000; i++) names.add(`${i}`);
  expect(names.count).toBe(2_000);
  for (let i = 2_000; i < 4_000; i++) names.add(`${i}`);
  expect(names.count).toBe(4_000);
  names.add('0');
  expect(names.count).toBe(4_001);
});
