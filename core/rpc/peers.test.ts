import { expect, test } from 'vitest';
import { PEER_SOURCES } from '../base/peer-source.ts';
import type { IdentitySnapshot } from '../engine/engine.ts';
import { peersFrom } from './peers.ts';

test('connected peers of all identities are counted by where they came from, in Transmission’s words', () => {
  const each = Object.fromEntries(PEER_SOURCES.map((source) => [source, { found: 100, connected: 1 }]));
  const identities = [{ sources: each }, { sources: { dht: { found: 9, connected: 4 } } }, { sources: {} }];
  expect(peersFrom(identities as unknown as readonly IdentitySnapshot[])).toEqual({
    fromCache: 2,
    fromDht: 5,
    fromIncoming: 1,
    fromLpd: 1,
    fromLtep: 0,
    fromPex: 1,
    fromTracker: 1,
  });
});
