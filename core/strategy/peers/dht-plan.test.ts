import { expect, test } from 'vitest';
import type { Millis } from '../../base/ids.ts';
import { type DhtSnapshot, planSearch } from './dht-plan.ts';

const calm: DhtSnapshot = {
  lastAt: 0 as Millis,
  unanswered: 0,
  fruitless: 0,
  complete: false,
  peers: 5,
  spread: 0,
};
const MINUTE = 60_000;

test.each<[string, Partial<DhtSnapshot>, number | undefined]>([
  ['the first time at once', { lastAt: undefined }, undefined],
  ['with peers every quarter of an hour', {}, 15 * MINUTE],
  ['not all torrents at the same time', { spread: 1 }, 12 * MINUTE],
  ['a seed likewise, though nobody is there', { complete: true, peers: 0, fruitless: 3 }, 15 * MINUTE],
  ['soon where no peer was found', { peers: 0, fruitless: 1 }, 20_000],
  ['later each time', { peers: 0, fruitless: 3 }, 80_000],
  ['but not for ever', { peers: 0, fruitless: 50 }, 5 * MINUTE],
  ['very soon where nobody answered yet', { unanswered: 1, complete: true }, 1_000],
  ['later each time, too', { unanswered: 3 }, 2_250],
  ['at least once a minute', { unanswered: 100 }, MINUTE],
])('%s', (_, change, at) => {
  expect(planSearch({ ...calm, ...change })).toBe(at);
});
