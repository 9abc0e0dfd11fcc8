import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import type { PeerStatus } from '../../engine/statuses.ts';
import { PeerRates } from './peer-rates.ts';

const peer = (n: number, downloaded: number, down = 7) =>
  ({ endpoint: { host: '10.0.0.1', port: n }, downloaded, uploaded: 0, down, up: 0 }) as unknown as PeerStatus;
const downs = (list: readonly PeerStatus[]): number[] => list.map(({ down }) => down);

test('rates are those of the last seconds, as soon as two lists tell them', () => {
  const rates = new PeerRates();
  expect(downs(rates.shown([peer(1, 1000)], millis(0)))).toEqual([7]);
  expect(downs(rates.shown([peer(1, 3000), peer(2, 50)], millis(1000)))).toEqual([2000, 7]);
  expect(downs(rates.shown([peer(1, 3000), peer(2, 50)], millis(4000)))).toEqual([500, 0]);
  // Its fast second is more than four seconds ago.
  expect(downs(rates.shown([peer(1, 3000)], millis(5000)))).toEqual([0]);
});

test('nothing is made of lists before nobody looked, nor of a peer that came anew', () => {
  const rates = new PeerRates();
  rates.shown([peer(1, 1000)], millis(0));
  expect(downs(rates.shown([peer(1, 9000)], millis(10_000)))).toEqual([7]);
  expect(downs(rates.shown([peer(1, 10)], millis(11_000)))).toEqual([0]);
});
