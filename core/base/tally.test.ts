import { expect, test } from 'vitest';
import { Tally } from './tally.ts';

test('counts up and down, and knows no kind of which there is none', () => {
  const tally = new Tally<string>();
  for (const kind of ['a', 'b', 'a']) tally.count(kind, 1);
  expect([tally.of('a'), tally.of('b'), tally.of('c')]).toEqual([2, 1, 0]);
  tally.count('a', -1);
  tally.count('b', -1);
  expect([...tally.kinds]).toEqual(['a']);
});
