import { expect, test } from 'vitest';
import { Allowance, Allowances } from './allowance.ts';
import type { Millis } from './ids.ts';

const ms = (value: number): Millis => value as Millis;
const count = (what: (i: number) => boolean): number =>
  Array.from({ length: 100 }, (_, i) => what(i)).filter(Boolean).length;

test('so often at once, then at its rate, and no more is saved up than at once', () => {
  const one = new Allowance({ rate: 2, most: 10 }, ms(0));
  expect(count(() => one.take(ms(0)))).toBe(10);
  expect(one.has(ms(400))).toBe(false);
  expect(count(() => one.take(ms(1000)))).toBe(2);
  expect(count(() => one.take(ms(3_600_000)))).toBe(10);
});

test('each has its own; beyond the number of those that are counted the oldest is forgotten', () => {
  const all = new Allowances({ rate: 0, most: 1 }, 2);
  expect(['a', 'b', 'a', 'b'].map((who) => all.take(who, ms(0)))).toEqual([true, true, false, false]);
  expect(['c', 'b', 'a'].map((who) => all.take(who, ms(0)))).toEqual([true, false, true]);
});
