import { expect, test } from 'vitest';
import type { FoundPeer, PeerSourceKind } from '../../base/peer-source.ts';
import { KnownPeers } from './known-peers.ts';

const peer = (i: number, source: PeerSourceKind = 'tracker'): FoundPeer => ({
  host: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
  port: 1,
  source,
});

test('beyond 2,000 the oldest stranger that nobody is connected to makes room; who was named stays', () => {
  const known = new KnownPeers((key) => key === '10.0.0.1:1');
  expect(known.add(peer(0, 'user'))).toBe(true);
  for (let i = 1; i < 2000; i++) known.add(peer(i));
  const forgotten: string[] = [];
  const forget = (key: string): unknown => forgotten.push(key);
  expect(known.add(peer(5), forget)).toBe(false);
  for (let i = 2000; i < 2003; i++) expect(known.add(peer(i), forget)).toBe(true);
  expect(forgotten).toEqual(['10.0.0.2:1', '10.0.0.3:1', '10.0.0.4:1']);
  expect([known.size, known.has('10.0.0.0:1'), known.has('10.0.0.1:1')]).toEqual([2000, true, true]);
});

test('where all were named the next one is left', () => {
  const known = new KnownPeers(() => false);
  for (let i = 0; i < 2000; i++) known.add(peer(i, i % 2 === 0 ? 'user' : 'magnet'));
  expect(known.add(peer(2000))).toBe(false);
  known.delete('10.0.0.7:1');
  expect(known.add(peer(2000))).toBe(true);
  expect([...known]).toHaveLength(2000);
});

test('a source that names more than all others does not crowd them out, whoever came first', () => {
  const known = new KnownPeers(() => false);
  for (let i = 0; i < 2000; i++) known.add(peer(i));
  for (let i = 2000; i < 2100; i++) known.add(peer(i, 'incoming'));
  for (let i = 2100; i < 2110; i++) known.add(peer(i, 'user'));
  expect(Object.fromEntries(known.counts)).toEqual({ tracker: 1890, incoming: 100, user: 10 });
  for (let i = 3000; i < 9000; i++) known.add(peer(i));
  expect(Object.fromEntries(known.counts)).toEqual({ tracker: 1890, incoming: 100, user: 10 });
  // Each has an even share of what the user leaves when all want all of it.
  for (let i = 10_000; i < 16_000; i++) known.add(peer(i, 'incoming'));
  expect(Object.fromEntries(known.counts)).toEqual({ tracker: 995, incoming: 995, user: 10 });
});

test('whom the user names too is nobody to make room any more', () => {
  const known = new KnownPeers(() => false);
  for (let i = 0; i < 2000; i++) known.add(peer(i));
  expect(known.add(peer(3, 'user'))).toBe(false);
  for (let i = 2000; i < 4000; i++) known.add(peer(i));
  expect([known.has('10.0.0.3:1'), known.has('10.0.0.4:1'), known.size]).toEqual([true, false, 2000]);
});

test('whom trackers name too is theirs, and a port is sure once somebody is sure of it', () => {
  const known = new KnownPeers(() => false);
  known.add({ ...peer(1, 'pex'), unsure: true });
  known.add(peer(2, 'dht'));
  expect(known.add({ ...peer(1, 'dht'), unsure: true })).toBe(false);
  expect([...known.peers]).toEqual([{ ...peer(1, 'pex'), unsure: true }, peer(2, 'dht')]);
  known.add(peer(1, 'lsd'));
  known.add(peer(2, 'tracker'));
  known.add(peer(2, 'pex'));
  expect([...known.peers]).toEqual([peer(1, 'lsd'), peer(2, 'tracker')]);
  expect(Object.fromEntries(known.counts)).toEqual({ pex: 0, dht: 0, lsd: 1, tracker: 1 });
});

test.each(['overUtp', 'v2'])(
  'that uTP leads to a peer, or that it is in the swarm of version 2, is remembered: %s',
  (fact) => {
    const known = new KnownPeers(() => false);
    known.add(peer(1, 'dht'));
    known.add({ ...peer(1, 'pex'), [fact]: true });
    expect([...known.peers]).toEqual([{ ...peer(1, 'dht'), [fact]: true }]);
    known.add(peer(1, 'tracker'));
    expect([...known.peers]).toEqual([{ ...peer(1, 'tracker'), [fact]: true }]);
  },
);
