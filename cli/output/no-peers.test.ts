import { describe, expect, test } from 'vitest';
import { bytes, bytesPerSecond } from '../../core/base/ids.ts';
import type { DownloadOptions, DownloadSnapshot } from '../../core/engine/engine.ts';
import { snapshotOf } from '../../core/engine/testing/still-download.ts';
import { NoPeers, type WaysToPeers } from './no-peers.ts';
import { PlainReporter } from './plain.ts';
import { render } from './render.ts';

const alone = (change: Partial<DownloadSnapshot> = {}, options: Partial<DownloadOptions> = {}) =>
  snapshotOf({ identities: 1, dht: true, ...options } as DownloadOptions, {
    state: 'metadata',
    peers: 0,
    rate: { down: bytesPerSecond(0), up: bytesPerSecond(0) },
    ...change,
  });
const NOTHING: WaysToPeers = { trackers: [], dhtNodes: [] };
const working: WaysToPeers['trackers'] = [{ state: 'failed' }, { state: 'working' }];
const failed: WaysToPeers['trackers'] = [{ state: 'failed' }];
const joining: WaysToPeers['dhtNodes'] = [{ state: 'joining' }];
const joined: WaysToPeers['dhtNodes'] = [{ state: 'joining' }, { state: 'joined' }];

describe('why nobody is found', () => {
  const noAddress = alone().identities.map((one) => ({ ...one, state: 'no-address' as const }));
  const waits = { kind: 'allowance', allowance: bytes(1e9) } as const;
  const usedUp = noAddress.map((one) => ({ ...one, link: 'phone', waits }));
  test.each<[string, DownloadSnapshot, Partial<WaysToPeers>, RegExp]>([
    ['no way at all', alone({}, { dht: false }), {}, /--no-dht.*--peer/],
    ['a private torrent without trackers', alone({ private: true }), { dhtNodes: joined }, /private.*--peer/],
    [
      'a dead network',
      alone(),
      { trackers: failed, dhtNodes: joining },
      /no tracker and no node of the DHT.*online.*UDP/i,
    ],
    ['no node', alone(), { dhtNodes: joining }, /no node of the DHT.*online/i],
    ['no tracker', alone({}, { dht: false }), { trackers: failed }, /no tracker answers(?!.*UDP)/i],
    [
      'a private torrent',
      alone({ private: true }),
      { trackers: failed, dhtNodes: joining },
      /no tracker answers(?!.*DHT)/i,
    ],
    ['nobody in the DHT', alone(), { dhtNodes: joined }, /the DHT knows nobody/i],
    ['nobody at the tracker', alone(), { trackers: working, dhtNodes: joining }, /the trackers know nobody/i],
    ['nobody anywhere', alone(), { trackers: working, dhtNodes: joined }, /the trackers and the DHT know nobody/i],
    ['no address', alone({ identities: noAddress }), { dhtNodes: [] }, /--bind/],
    ['a link that waits', alone({ identities: usedUp, stall: { kind: 'no-link' } }), {}, /phone: .*allowance/],
    ['links that only seed', alone({ stall: { kind: 'no-fetch' } }), {}, /only seed/],
  ])('%s', (_, snapshot, ways, words) => {
    const noPeers = new NoPeers();
    const look = (now: number) => noPeers.look(snapshot, () => ({ ...NOTHING, ...ways }), now);
    expect(look(0)).toBeUndefined();
    expect(look(60_000)).toMatch(words);
  });

  test('is told once each time, and never while there are peers or nothing is fetched', () => {
    const noPeers = new NoPeers();
    const look = (seconds: number, change: Partial<DownloadSnapshot> = {}) =>
      noPeers.look(alone(change), () => NOTHING, seconds * 1000) !== undefined;
    expect([0, 20, 60, 61, 1000].map((at) => look(at))).toEqual([false, false, true, false, false]);
    expect(look(1001, { peers: 1 })).toBe(false);
    expect([1002, 1030, 1060, 1100].map((at) => look(at))).toEqual([false, false, true, false]);
    const rate = { down: bytesPerSecond(1000), up: bytesPerSecond(0) };
    expect([1500, 1600].map((at) => look(at, { state: 'downloading', rate }))).toEqual([false, false]);
    for (const state of ['seeding', 'paused', 'done', 'checking'] as const) {
      expect([2000, 2100].map((at) => look(at, { state }))).toEqual([false, false]);
    }
  });
});

test('a download without metadata is not said to be complete', () => {
  let text = '';
  const sink = { write: (more: string) => (text += more), columns: 80, rows: 24 };
  const count = { have: 0, wanted: 0, total: 0 };
  new PlainReporter(sink, sink, () => 0).progress(alone({ bytes: count }));
  expect(text).toMatch(/metadata/);
  expect(text).not.toMatch(/%|0 B of/);
  const lines = render(alone({ bytes: count }), undefined, { width: 80, height: 24, color: false });
  expect(lines.join()).not.toMatch(/100|█/);
});
