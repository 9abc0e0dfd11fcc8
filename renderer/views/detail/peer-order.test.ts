import { expect, test } from 'vitest';
import { bytes, bytesPerSecond, identityIndex } from '../../../core/base/ids.ts';
import { formatEndpoint } from '../../../core/base/endpoint.ts';
import type { PeerView } from '../../../core/bridge/views.ts';
import { fakePeers } from '../../../core/engine/testing/moving-download.ts';
import { type PeerOrder, peerSortOf, pressed, sortPeers } from './peer-order.ts';

const [base] = fakePeers(1);
const peer = (host: string, change: Partial<PeerView> = {}): PeerView => ({
  ...base!,
  endpoint: formatEndpoint({ host, port: 1 }),
  ...change,
});
const peers = [
  peer('192.0.2.10', { client: 'b', down: bytesPerSecond(1_000_000), uploaded: bytes(1), progress: 0.5 }),
  peer('192.0.2.9', { client: 'B', down: bytesPerSecond(999_000), uploaded: bytes(9), progress: 1 }),
  peer('192.0.2.100', {
    client: 'a',
    down: bytesPerSecond(0),
    up: bytesPerSecond(0),
    uploaded: bytes(5),
    progress: 0,
    identity: identityIndex(1),
  }),
];
const order = (by: PeerOrder['by'], reverse = false): string =>
  sortPeers(peers, { by, reverse })
    .map(({ endpoint }) => endpoint.split(/[.:]/)[3])
    .join(' ');

test.each<[PeerOrder['by'], string]>([
  // Nearly equal speeds are in one step.
  [undefined, '10 9 100'],
  ['peer', '9 10 100'],
  ['client', '100 10 9'],
  ['has', '9 10 100'],
  ['down', '10 9 100'],
  ['sent', '9 100 10'],
  ['identity', '10 9 100'],
])('by %s', (by, expected) => {
  expect(order(by)).toBe(expected);
});

test('a head sorts, turns the order round, and gives it back', () => {
  const first: PeerOrder = { by: undefined, reverse: false };
  const told: string[] = [];
  let now = first;
  for (let i = 0; i < 3; i++) {
    now = pressed(now, 'sent');
    told.push(peerSortOf(now, 'sent'));
  }
  expect(told).toEqual(['descending', 'ascending', 'none']);
  expect(now).toEqual(first);
  expect(peerSortOf(pressed(first, 'client'), 'client')).toBe('ascending');
  expect(order('sent', true)).toBe('10 100 9');
});
