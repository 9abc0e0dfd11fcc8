import { expect, test } from 'vitest';
import { Senders } from './senders.ts';
import { at, hostOf, minutes } from './testing/scene.ts';

/** How many of `count` datagrams, `every` milliseconds each, are let in. */
function admitted(
  senders: Senders,
  count: number,
  every: number,
  from: number,
  host: (i: number) => string,
  port = (_i: number) => 1,
): number {
  let out = 0;
  for (let i = 0; i < count; i++) if (senders.admit(host(i), port(i), 100, at(from + i * every))) out++;
  return out;
}

test('fifty in ten seconds pass, then a sender is muted for five minutes', () => {
  const senders = new Senders(at(0));
  expect(admitted(senders, 200, 10, 0, () => '1.2.3.4')).toBe(50);
  expect(senders.muted(at(3000))).toBe(1);
  // Others are heard, and so is it afterwards.
  expect(admitted(senders, 40, 10, 3000, () => '1.2.3.5')).toBe(40);
  expect(senders.admit('1.2.3.4', 1, 100, at(299_000))).toBe(false);
  expect(senders.admit('1.2.3.4', 1, 100, at(301_000))).toBe(true);
  expect(senders.muted(at(301_000))).toBe(0);
});

test('four a second pass for ever', () => {
  expect(admitted(new Senders(at(0)), 2000, 250, 0, () => '1.2.3.4')).toBe(2000);
});

test.each([
  ['ports of one address', () => '1.2.3.4', (i: number) => i + 1, 50],
  ['addresses of one /64', (i: number) => `2001:db9::${(i + 1).toString(16)}`, () => 1, 50],
  ['programs of this machine', () => '127.0.0.1', (i: number) => (i % 10) + 1, 150],
])('%s', (_, host, port, passed) => {
  expect(admitted(new Senders(at(0)), 150, 10, 0, host, port)).toBe(passed);
});

test('a flood from many addresses is read in part', () => {
  const senders = new Senders(at(0));
  const count = 20_000;
  const passed = admitted(senders, count, 0.5, 0, (i) => `${1 + (i % 100)}.${i >> 8}.${i & 255}.1`);
  // 64 KiB a second, for ten seconds.
  expect(passed).toBeLessThan((12 * 64 * 1024) / 100);
  expect(senders.admit('9.9.9.9', 1, 100, minutes(10))).toBe(true);
});

test('a bounded number is counted, and who is muted stays so', () => {
  const senders = new Senders(at(0));
  admitted(senders, 60, 1, 0, () => '1.2.3.4');
  admitted(senders, 5000, 1, 100, hostOf);
  expect(senders.admit('1.2.3.4', 1, 100, at(6000))).toBe(false);
});
