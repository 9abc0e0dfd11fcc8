import { expect, test } from 'vitest';
import type { Millis } from '../base/ids.ts';
import { ExchangeLimit } from './exchange-limit.ts';

const at = (now: number): Millis => now as Millis;
/** How many of so many exchanges are let through. */
const through = (limit: ExchangeLimit, count: number, now: number, host: (i: number) => string): number =>
  Array.from({ length: count }, (_, i) => limit.take(host(i), at(now))).filter(Boolean).length;

test('one machine has a few exchanges at once, and few a second after that', () => {
  const limit = new ExchangeLimit();
  expect(through(limit, 500, 1_000, () => '192.0.2.1')).toBe(64);
  expect(through(limit, 500, 2_000, () => '192.0.2.1')).toBe(2);
  expect(through(limit, 1, 2_000, () => '192.0.2.2')).toBe(1);
  expect(through(limit, 500, 600_000, () => '192.0.2.1')).toBe(64);
});

test('peers on loopback, where a machine may have many, have the bound of all', () => {
  expect(through(new ExchangeLimit(), 500, 1_000, () => '127.0.0.1')).toBe(200);
});

test('all addresses of an IPv6 /64 are one machine', () => {
  const limit = new ExchangeLimit();
  expect(through(limit, 500, 1_000, (i) => `2001:db8::${(i + 1).toString(16)}`)).toBe(64);
  expect(through(limit, 1, 1_000, () => '2001:db8:0:1::1')).toBe(1);
});

test('many machines together have a bound too, also those that are forgotten', () => {
  const limit = new ExchangeLimit();
  const host = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  expect(through(limit, 5_000, 1_000, host)).toBe(200);
  let count = 0;
  for (let second = 2; second < 12; second++) count += through(limit, 5_000, second * 1_000, host);
  expect(count).toBe(500);
});
