import { describe, expect, test } from 'vitest';
import { parseIp } from '../base/ip.ts';
import { SeededRandom } from '../sim/random.ts';
import { PeerStore } from './peer-store.ts';
import { at, hostOf, minutes } from './testing/scene.ts';

const random = new SeededRandom(1);
const hashOf = (n: number): Uint8Array => Uint8Array.from([n >> 8, n & 255, ...Array<number>(18).fill(9)]);
const ipOf = (host: string): Uint8Array => parseIp(host) ?? new Uint8Array();

function announce(store: PeerStore, torrent: number, host: string, { port = 80, seed = false, minute = 0 } = {}): void {
  store.announce(hashOf(torrent), ipOf(host), host, port, seed, minutes(minute));
}

function peers(store: PeerStore, torrent: number, minute = 0, seeds = true): string[] {
  const found = store.find(hashOf(torrent), minutes(minute))?.pick(1000, seeds, random) ?? [];
  return found.map((one) => `${one.subarray(0, -2).join('.')}:${(one.at(-2) ?? 0) * 256 + (one.at(-1) ?? 0)}`).sort();
}

describe('what is kept', () => {
  test('one peer an address, with its latest port', () => {
    const store = new PeerStore(random, 4);
    announce(store, 1, '1.2.3.4', { port: 80 });
    announce(store, 1, '1.2.3.4', { port: 81 });
    announce(store, 1, '1.2.3.5', { port: 80 });
    announce(store, 2, '1.2.3.4', { port: 82 });
    expect([peers(store, 1), peers(store, 2), peers(store, 3)]).toEqual([
      ['1.2.3.4:81', '1.2.3.5:80'],
      ['1.2.3.4:82'],
      [],
    ]);
    expect(store.counts).toEqual({ torrents: 2, peers: 3 });
  });

  test('for 45 minutes after it was last announced', () => {
    const store = new PeerStore(random, 4);
    announce(store, 1, '1.2.3.4');
    announce(store, 1, '1.2.3.5', { minute: 30 });
    announce(store, 2, '1.2.3.4');
    expect(peers(store, 1, 45)).toHaveLength(2);
    expect(peers(store, 1, 46)).toEqual(['1.2.3.5:80']);
    announce(store, 1, '1.2.3.5', { minute: 60 });
    expect(peers(store, 1, 104)).toEqual(['1.2.3.5:80']);
    // What nobody asks for goes, too, a part at a time.
    for (let i = 0; i < 4; i++) store.sweep(1, minutes(120));
    expect(store.counts).toEqual({ torrents: 0, peers: 0 });
  });

  test('seeds are left out where they are not wanted', () => {
    const store = new PeerStore(random, 4);
    announce(store, 1, '1.2.3.4', { seed: true });
    announce(store, 1, '1.2.3.5');
    expect(peers(store, 1, 0, false)).toEqual(['1.2.3.5:80']);
    // Who has got all by now.
    announce(store, 1, '1.2.3.5', { seed: true });
    expect(peers(store, 1, 0, false)).toEqual([]);
  });

  test('others at each asking, where there are many', () => {
    const store = new PeerStore(random, 4);
    for (let n = 0; n < 300; n++) announce(store, 1, hostOf(n));
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++)
      for (const one of store.find(hashOf(1), at(0))?.pick(50, true, random) ?? []) seen.add(one.join('.'));
    expect(seen.size).toBeGreaterThan(290);
  });

  test('filters tell seeds from others', () => {
    const store = new PeerStore(random, 4);
    announce(store, 1, '1.2.3.4', { seed: true });
    const filters = store.find(hashOf(1), at(0))?.filters();
    expect([filters?.seeds, filters?.peers].map((one) => one?.reduce((sum, byte) => sum + byte, 0))).toEqual([
      expect.any(Number),
      0,
    ]);
    expect(filters?.seeds.some((byte) => byte > 0)).toBe(true);
  });

  test('of IPv6 as well', () => {
    const store = new PeerStore(random, 6);
    announce(store, 1, '2001:db9::1');
    announce(store, 1, '2001:db9::1', { port: 81 });
    expect(
      store
        .find(hashOf(1), at(0))
        ?.pick(9, true, random)
        .map((one) => one.length),
    ).toEqual([18]);
  });
});

describe('bounds', () => {
  test('500 peers of a torrent: the 501st gets no token, who is among them does', () => {
    const store = new PeerStore(random, 4);
    for (let n = 0; n < 600; n++) announce(store, 1, hostOf(n));
    expect(store.counts.peers).toBe(500);
    expect(store.takes(hashOf(1), ipOf(hostOf(599)), hostOf(599))).toBe(false);
    expect(store.takes(hashOf(1), ipOf(hostOf(3)), hostOf(3))).toBe(true);
  });

  test('2,000 torrents; those that are there still take peers', () => {
    const store = new PeerStore(random, 4);
    for (let n = 0; n < 2100; n++) announce(store, n, hostOf(n));
    expect(store.counts.torrents).toBe(2000);
    expect(store.takes(hashOf(2050), ipOf('9.9.9.9'), '9.9.9.9')).toBe(false);
    announce(store, 5, '9.9.9.9');
    expect(peers(store, 5)).toContain('9.9.9.9:80');
    // Room comes back with time.
    store.sweep(5000, minutes(50));
    announce(store, 2050, '9.9.9.9', { minute: 50 });
    expect(store.counts).toEqual({ torrents: 1, peers: 1 });
  });

  test.each<readonly [4 | 6, (n: number) => string]>([
    [4, () => '9.9.9.9'],
    [6, (n) => `2001:db9::${n.toString(16)}`],
  ])('one network opens 100 torrents, no more (IPv%i)', (family, host) => {
    const store = new PeerStore(random, family);
    for (let n = 0; n < 500; n++) announce(store, n, host(n + 1));
    expect(store.counts.torrents).toBe(100);
    announce(store, 700, family === 4 ? '8.8.8.8' : '2001:db8::1');
    expect(store.counts.torrents).toBe(101);
    store.sweep(5000, minutes(50));
    announce(store, 800, host(1), { minute: 50 });
    expect(store.counts.torrents).toBe(1);
  });
});

describe('samples', () => {
  test('at most twenty, the same for six hours', () => {
    const store = new PeerStore(random, 4);
    expect(store.sample(at(0))).toEqual({ hashes: [], total: 0, interval: 21_600 });
    for (let n = 0; n < 10; n++) announce(store, n, hostOf(n));
    expect(store.sample(at(1)).hashes).toHaveLength(10);
    for (let n = 0; n < 200; n++) announce(store, n, hostOf(n));
    const { hashes, total } = store.sample(at(2));
    expect([hashes.length, total]).toEqual([20, 200]);
    expect(store.sample(minutes(359)).hashes).toEqual(hashes);
    expect(store.sample(minutes(361)).hashes).not.toEqual(hashes);
  });
});
