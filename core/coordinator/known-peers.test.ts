import { expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { KnownPeers } from './known-peers.ts';

const peer = (i: number): Endpoint => ({ host: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, port: 1 });

test('beyond 2,000 the oldest stranger that nobody is connected to makes room; who was named stays', () => {
  const known = new KnownPeers((key) => key === '10.0.0.1:1');
  expect(known.add(peer(0), false)).toBe(true);
  for (let i = 1; i < 2000; i++) known.add(peer(i), true);
  const forgotten: string[] = [];
  const forget = (key: string): unknown => forgotten.push(key);
  expect(known.add(peer(5), true, forget)).toBe(false);
  for (let i = 2000; i < 2003; i++) expect(known.add(peer(i), true, forget)).toBe(true);
  expect(forgotten).toEqual(['10.0.0.2:1', '10.0.0.3:1', '10.0.0.4:1']);
  expect([known.size, known.has('10.0.0.0:1'), known.has('10.0.0.1:1')]).toEqual([2000, true, true]);
});

test('where all were named the next one is left', () => {
  const known = new KnownPeers(() => false);
  for (let i = 0; i < 2000; i++) known.add(peer(i), false);
  expect(known.add(peer(2000), true)).toBe(false);
  known.delete('10.0.0.7:1');
  expect(known.add(peer(2000), true)).toBe(true);
  expect([...known]).toHaveLength(2000);
});
