import { expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { TurnedOut } from './turned-out.ts';

test('a machine that made room waits for half an hour, counted from the last time', () => {
  const turnedOut = new TurnedOut();
  turnedOut.add('a', millis(0));
  turnedOut.add('a', millis(60_000));
  expect([turnedOut.has('a', millis(1_859_999)), turnedOut.has('a', millis(1_860_000))]).toEqual([true, false]);
  expect(turnedOut.has('b', millis(0))).toBe(false);
});

test('no more than 4,096 are remembered, the last ones', () => {
  const turnedOut = new TurnedOut();
  for (let i = 0; i < 5000; i++) turnedOut.add(`m${i}`, millis(i));
  const known = Array.from({ length: 5000 }, (_, i) => turnedOut.has(`m${i}`, millis(5000)));
  expect(known.indexOf(true)).toBe(5000 - 4096);
  expect(known.lastIndexOf(false)).toBe(5000 - 4096 - 1);
});
