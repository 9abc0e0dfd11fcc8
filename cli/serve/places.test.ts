import fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../core/base/ids.ts';
import { leaving, type Place } from './places.ts';

/** `n` connections of an address: strangers, resting ones with a session, busy ones with a session. */
const strangers = (n: number, address: string): Place[] =>
  Array.from({ length: n }, () => ({ address, session: false, busy: false, since: millis(0) }));
const NOW = millis(60_000);
const young = (n: number, address: string): Place[] =>
  strangers(n, address).map((one) => ({ ...one, since: millis(59_500) }));
const resting = (n: number): Place[] => strangers(n, 'user').map((one) => ({ ...one, session: true }));
const busy = (n: number): Place[] => resting(n).map((one) => ({ ...one, busy: true }));
const gone = (places: Place[]): number[] => [...leaving(places, NOW)].map((one) => places.indexOf(one));
const upTo = (n: number, from = 0): number[] => Array.from({ length: n - from }, (_, i) => from + i);

test.each<[string, Place[], number[]]>([
  ['few', strangers(16, 'a'), []],
  ['one address with more than its share', strangers(20, 'a'), upTo(4)],
  ['many that have just come', [...strangers(16, 'a'), ...young(40, 'a')], []],
  ['one more than its share, and many that have just come', [...strangers(17, 'a'), ...young(40, 'a')], [0]],
  ['too many that have just come', young(200, 'a'), upTo(72)],
  ['sessions have no share', resting(128), []],
  ['all places taken by resting ones', [...resting(128), ...busy(1)], [0]],
  ['all places taken by windows: a stranger', [...busy(128), ...strangers(1, 'a')], [128]],
  ['more windows than places', busy(130), []],
  ['a stranger before one with a session', [...resting(64), ...strangers(1, 'a'), ...busy(64)], [64]],
])('%s', (_, places, expected) => {
  expect(gone(places)).toEqual(expected);
});

test('where all places are taken who has most of them gives up his oldest', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((address) => strangers(16, address));
  const [single] = strangers(1, 'x');
  expect(gone([single!, ...many])).toEqual([1]);
  expect(gone([...many, single!])).toEqual([0]);
});

const place = fc.record({
  address: fc.constantFrom('a', 'b', 'c', 'd'),
  session: fc.boolean(),
  busy: fc.boolean(),
  since: fc.constantFrom(millis(0), millis(59_500)),
});

test('a busy one with a session never leaves, and a single stranger only where they fill all places', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 400 }), (places) => {
      const out = leaving(places, NOW);
      for (const one of out) expect(one.session && one.busy).toBe(false);
      const kept = places.filter((one) => !out.has(one));
      const fixed = places.filter((one) => one.session && one.busy).length;
      expect(kept.length).toBeLessThanOrEqual(Math.max(128, fixed));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(places.length, 64));
      // The newest of each address is the last to go.
      for (const address of ['a', 'b', 'c', 'd']) {
        const own = places.filter((one) => one.address === address && !one.session);
        const stay = own.map((one) => !out.has(one));
        expect(stay.slice(stay.indexOf(true)).every((one) => one || !stay.includes(true))).toBe(true);
      }
    }),
  );
});
