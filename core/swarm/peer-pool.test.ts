import { describe, expect, test } from 'vitest';
import { millis, type TorrentKey, type PeerId, torrentKey } from '../base/ids.ts';
import { toHex } from '../base/bytes.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { SimClient } from '../sim/client.ts';
import type { WireConnection, WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';
import { ordinaryTuning } from '../engine/tuning.ts';

const KIB = 1024;
const OURS = { host: '10.9.0.1', port: 6881 };

function scene(): { swarm: SimSwarm; ours: SimClient } {
  const swarm = new SimSwarm(4, { files: 640 * KIB, pieceLength: 64 * KIB });
  return { swarm, ours: swarm.leecher(OURS.host, {}) };
}

const open = (...peers: readonly WirePeer[]): number => peers.filter((peer) => peer.open !== undefined).length;
const id = (n: number): string => toHex(new Uint8Array(20).fill(n));
const quiet: Partial<WirePeerOptions> = { greet: (it) => it.batch.haveNone() };

describe('who is connected', () => {
  test('no sibling, by peer id or by endpoint, dialled or dialling (A14)', async () => {
    const { swarm, ours } = scene();
    const key = torrentKey(swarm.torrent.info.infoHash);
    const known = await swarm.wirePeer('10.0.3.1', {}, { ...quiet, peerId: id(1) }).listen();
    const incoming = swarm.wirePeer('10.0.3.2', {}, { ...quiet, peerId: id(2) });
    const endpoint = await swarm.wirePeer('10.0.3.3', {}, { ...quiet, peerId: id(3) }).listen();
    ours.tell({
      type: 'siblings',
      key,
      peerIds: [id(1), id(2)] as PeerId[],
      endpoints: [endpoint.endpoint],
    });
    ours.introduce(key, [known.endpoint, endpoint.endpoint]);
    await swarm.clock.advance(100);
    incoming.dial(OURS);
    await swarm.clock.advance(30_000);
    expect(open(known, incoming, endpoint)).toBe(0);
    expect(endpoint.connections).toHaveLength(0);
    // Known by its id once, it is not dialled again.
    expect(known.connections).toHaveLength(1);
  });

  test('nobody at addresses that are barred, dialled or dialling, from the moment on that they are', async () => {
    const { swarm, ours } = scene();
    const key = torrentKey(swarm.torrent.info.infoHash);
    const known = await swarm.wirePeer('10.0.3.1', {}, quiet).listen();
    const other = await swarm.wirePeer('10.0.4.1', {}, quiet).listen();
    const incoming = swarm.wirePeer('10.0.3.2', {}, quiet);
    ours.introduce(key, [known.endpoint, other.endpoint]);
    await swarm.clock.advance(100);
    incoming.dial(OURS);
    await swarm.clock.advance(5000);
    expect(open(known, incoming, other)).toBe(3);
    const first = (10 << 24) | (3 << 8);
    ours.tell({ type: 'barred', v4: Uint32Array.of(first, first + 255), v6: new Uint32Array(0) });
    await swarm.clock.advance(1000);
    expect([known, incoming, other].map((peer) => peer.open !== undefined)).toEqual([false, false, true]);
    incoming.dial(OURS);
    await swarm.clock.advance(300_000);
    expect([known, incoming, other].map((peer) => peer.open !== undefined)).toEqual([false, false, true]);
    expect(known.connections).toHaveLength(1);
  });

  test('all of a list are dialled, not in its order: others may have the same', async () => {
    const { swarm, ours } = scene();
    const hosts = Array.from({ length: 12 }, (_, i) => `10.0.3.${i + 1}`);
    const greeted: string[] = [];
    const endpoints = [];
    for (const host of hosts) {
      const greet = (it: WireConnection): void => {
        greeted.push(host);
        it.batch.haveNone();
      };
      endpoints.push((await swarm.wirePeer(host, {}, { greet }).listen()).endpoint);
    }
    ours.introduce(torrentKey(swarm.torrent.info.infoHash), endpoints);
    await swarm.clock.advance(2_000);
    expect(greeted.toSorted()).toEqual(hosts.toSorted());
    expect(greeted).not.toEqual(hosts);
  });

  test('a list full of one address does not turn all dials on it, nor keep others waiting behind it', async () => {
    const { swarm, ours } = scene();
    const ports = Array.from({ length: 200 }, (_, i) => 2000 + i);
    const victim = swarm.net.host('10.0.3.1', { latency: 5 });
    let connected = 0;
    let most = 0;
    for (const port of ports) {
      await victim.listen({ port, silenceTimeout: millis(1e9), stuckTimeout: millis(1e9) }, () => {
        most = Math.max(most, ++connected);
        // It is no BitTorrent client, and waits for the other side to go on.
        return { data: () => {}, closed: () => connected-- };
      });
    }
    const honest = await swarm.wirePeer('10.0.3.2', {}, quiet).listen();
    const list = [...ports.map((port) => ({ host: '10.0.3.1', port })), honest.endpoint];
    ours.introduce(torrentKey(swarm.torrent.info.infoHash), list);
    await swarm.clock.advance(2_000);
    expect(open(honest)).toBe(1);
    await swarm.clock.advance(60_000);
    expect(most).toBe(4);
  });

  test('one that is named as a sibling while it is connected is dropped', async () => {
    const { swarm, ours } = scene();
    const peer = await swarm.wirePeer('10.0.3.1', {}, { ...quiet, peerId: id(7) }).listen();
    ours.introduce(torrentKey(swarm.torrent.info.infoHash), [peer.endpoint]);
    await swarm.clock.advance(2_000);
    expect(open(peer)).toBe(1);
    ours.tell({
      type: 'siblings',
      key: torrentKey(swarm.torrent.info.infoHash),
      peerIds: [id(7) as PeerId],
      endpoints: [],
    });
    await swarm.clock.advance(20_000);
    expect(open(peer)).toBe(0);
  });

  test('not the same peer twice; of two that cross one stays', async () => {
    const { swarm, ours } = scene();
    const peer = await swarm.wirePeer('10.0.3.1', {}, quiet).listen();
    await swarm.clock.advance(100);
    peer.dial(OURS);
    ours.introduce(torrentKey(swarm.torrent.info.infoHash), [peer.endpoint]);
    await swarm.clock.advance(5_000);
    expect(peer.connections.filter((it) => it.closed === undefined)).toHaveLength(1);
    peer.dial(OURS);
    await swarm.clock.advance(5_000);
    expect(peer.connections.filter((it) => it.closed === undefined)).toHaveLength(1);
  });

  test.each([
    ['dialled us', (peer: WirePeer) => peer.dial(OURS)],
    ['is dialled', (peer: WirePeer, ours: SimClient, key: TorrentKey) => ours.introduce(key, [peer.endpoint])],
  ])('nobody puts a peer out by claiming its id from another address: the one that %s', async (_, connect) => {
    for (const thiefFirst of [false, true]) {
      const { swarm, ours } = scene();
      const key = torrentKey(swarm.torrent.info.infoHash);
      const honest = await swarm.wirePeer('10.0.3.1', {}, { ...quiet, peerId: id(0xfe) }).listen();
      const thief = await swarm.wirePeer('10.0.3.2', {}, { ...quiet, peerId: id(0xfe) }).listen();
      await swarm.clock.advance(100);
      if (thiefFirst) thief.dial(OURS);
      await swarm.clock.advance(1_000);
      connect(honest, ours, key);
      await swarm.clock.advance(1_000);
      if (!thiefFirst) thief.dial(OURS);
      await swarm.clock.advance(3_000);
      expect(open(honest), `the thief came ${thiefFirst ? 'first' : 'last'}`).toBe(1);
      expect(ours.status?.peers).toBe(2);
      // Neither goes with the other.
      thief.open?.connection.destroy();
      await swarm.clock.advance(6_000);
      expect([open(honest), ours.status?.peers]).toEqual([1, 1]);
    }
  });

  test('one address does not take every place', async () => {
    const { swarm, ours } = scene();
    const many = Array.from({ length: 40 }, (_, i) => i);
    const host = swarm.net.host('10.0.3.1', {});
    const crowd = many.map((i) => swarm.wirePeerOn(host, '10.0.3.1', { ...quiet, peerId: id(10 + i) }));
    await swarm.clock.advance(100);
    for (const peer of crowd) peer.dial(OURS);
    await swarm.clock.advance(5_000);
    expect(open(...crowd)).toBe(16);
    const other = swarm.wirePeer('10.0.3.2', {}, quiet);
    other.dial(OURS);
    await swarm.clock.advance(5_000);
    expect(open(other)).toBe(1);
    expect(ours.status?.peers).toBe(17);
  });

  test('nor does one that has as many addresses of its network as it likes', async () => {
    const swarm = new SimSwarm(4, { files: 640 * KIB, pieceLength: 64 * KIB });
    const ours = swarm.leecher('2001:db8:1::1', {});
    const hosts = [...Array.from({ length: 40 }, (_, i) => `2001:db8:2::${(i + 1).toString(16)}`), '2001:db8:2:1::1'];
    const peers = hosts.map((host, i) => swarm.wirePeer(host, {}, { ...quiet, peerId: id(10 + i) }));
    await swarm.clock.advance(100);
    for (const peer of peers) peer.dial({ host: '2001:db8:1::1', port: 6881 });
    await swarm.clock.advance(5_000);
    expect([open(...peers), open(...peers.slice(40)), ours.status?.peers]).toEqual([17, 1, 17]);
  });

  test('a pause in the middle of dials loses nobody', async () => {
    const { swarm, ours } = scene();
    const key = torrentKey(swarm.torrent.info.infoHash);
    const peers = await Promise.all(
      [1, 2, 3, 4].map((n) => swarm.wirePeer(`10.0.3.${n}`, { latency: 400 }, quiet).listen()),
    );
    ours.introduce(
      key,
      peers.map(({ endpoint }) => endpoint),
    );
    await swarm.clock.advance(300);
    ours.tell({ type: 'pause', key });
    await swarm.clock.advance(20_000);
    expect(open(...peers)).toBe(0);
    ours.tell({ type: 'resume', key });
    await swarm.clock.advance(20_000);
    expect(open(...peers)).toBe(4);
  });

  test('one that there was no place for is tried again when there is', async () => {
    const { swarm, ours } = scene();
    const key = torrentKey(swarm.torrent.info.infoHash);
    ours.tell({
      type: 'tune',
      key,
      tuning: ordinaryTuning({ maxPeers: 2 }),
    });
    const peers = await Promise.all([1, 2, 3].map((n) => swarm.wirePeer(`10.0.3.${n}`, {}, quiet).listen()));
    ours.introduce(
      key,
      peers.map(({ endpoint }) => endpoint),
    );
    await swarm.clock.advance(5_000);
    expect(open(...peers)).toBe(2);
    peers.find((peer) => peer.open !== undefined)?.open?.connection.destroy();
    await swarm.clock.advance(2_000);
    expect(open(...peers)).toBe(2);
  });

  test('incoming peers are known by where they listen, once they say so (A16)', async () => {
    const { swarm, ours } = scene();
    const { encodeExtensionHandshake } = await import('../wire/extension-handshake.ts');
    const peer = swarm.wirePeer(
      '10.0.3.1',
      {},
      {
        greet: (it) => {
          it.batch.haveNone();
          it.flush();
          for (const port of [7777, 8888]) {
            const payload = encodeExtensionHandshake({ messages: new Map(), port });
            it.raw(Uint8Array.of(0, 0, 0, payload.length + 2, 20, 0), payload);
          }
        },
      },
    );
    await swarm.clock.advance(100);
    peer.dial(OURS);
    await swarm.clock.advance(2_000);
    peer.open?.connection.destroy();
    await swarm.clock.advance(2_000);
    const told = new Map<string, number>();
    for (const message of ours.heard) {
      if (message.type !== 'peer') continue;
      const key = `${message.endpoint.host}:${message.endpoint.port}`;
      told.set(key, (told.get(key) ?? 0) + (message.connected ? 1 : -1));
    }
    // Each endpoint that was told to be connected was told to be gone.
    expect([...told.values()]).toEqual([0, 0]);
    expect([...told.keys()]).toContain('10.0.3.1:7777');
  });

  test('each peer is shown with the source that named it', async () => {
    const swarm = new SimSwarm(4, { files: 640 * KIB, pieceLength: 64 * KIB });
    const key = torrentKey(swarm.torrent.info.infoHash);
    swarm.seed('10.0.0.1', { up: 8 * KIB, down: KIB });
    await swarm.clock.advance(1_000);
    const ours = swarm.leecher(OURS.host, {});
    ours.tell({ type: 'watch', key });
    const named = await swarm.wirePeer('10.0.3.1', {}, quiet).listen();
    const stranger = swarm.wirePeer('10.0.3.2', {}, quiet);
    await swarm.clock.advance(1_000);
    ours.introduce(key, [named.endpoint], 'magnet');
    stranger.dial(OURS);
    await swarm.clock.advance(3_000);
    const shown = ours.status?.peerList?.map((it) => [it.endpoint.host, it.source]) ?? [];
    expect(Object.fromEntries(shown)).toEqual({
      '10.0.0.1': 'tracker',
      '10.0.3.1': 'magnet',
      '10.0.3.2': 'incoming',
    });
    const told = ours.heard.flatMap((it) => (it.type === 'peer' ? [[it.endpoint.host, it.source]] : []));
    expect(new Map(told as [string, string][])).toEqual(new Map(shown as [string, string][]));
  });
});
