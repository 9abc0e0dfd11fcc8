import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { type HaveInput, haveDelay } from './have-delay.ts';

const idle = { has: false, interested: false, trades: false, since: millis(60_000) };
const cases: readonly (readonly [string, Partial<HaveInput>, number])[] = [
  ['it may become interested', {}, 0],
  ['it was told a moment ago', { since: millis(500) }, 1500],
  ['blocks flow, as from a super-seeding peer, which waits for our word', { trades: true, since: millis(0) }, 0],
  ['it wants something already, and is choked', { interested: true }, 10_000],
  ['it has the piece', { has: true, trades: true }, 10_000],
];

test.each(cases)('%s', (_, input, delay) => {
  expect(haveDelay({ ...idle, ...input })).toBe(delay);
});
