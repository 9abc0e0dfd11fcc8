import { expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { Visits } from './visits.ts';

const MINUTE = 60_000;

test('visits add up until something is exchanged, or for half an hour', () => {
  const visits = new Visits();
  for (const minute of [0, 1, 29]) visits.ended('a', false, millis(minute * MINUTE));
  visits.ended('b', false, millis(29 * MINUTE));
  const at = (machine: string, minute: number): number => visits.of(machine, millis(minute * MINUTE));
  expect([at('a', 30), at('a', 58.9), at('a', 59), at('b', 30), at('c', 30)]).toEqual([3, 3, 0, 1, 0]);
  visits.ended('a', true, millis(30 * MINUTE));
  expect([at('a', 30), at('b', 30)]).toEqual([0, 1]);
});

test('no more than 4,096 machines are remembered, the last ones', () => {
  const visits = new Visits();
  for (let i = 0; i < 5000; i++) visits.ended(`m${i}`, false, millis(i));
  const known = Array.from({ length: 5000 }, (_, i) => visits.of(`m${i}`, millis(5000)));
  expect(known.indexOf(1)).toBe(5000 - 4096);
  expect(known.lastIndexOf(0)).toBe(5000 - 4096 - 1);
});
