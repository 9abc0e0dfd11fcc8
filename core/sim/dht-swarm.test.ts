import { describe, expect, test } from 'vitest';
import { millis, torrentKey } from '../base/ids.ts';
import { sameBytes } from '../base/bytes.ts';
import { DhtNode } from '../dht/dht-node.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { SimMachine } from './machine.ts';
import { SeededRandom } from './random.ts';
import { SimSwarm } from './swarm.ts';
import { simTorrent } from './torrent.ts';

const MIB = 1024 * 1024;
const LINE = { latency: 10, up: 10 * MIB, down: 10 * MIB };
const BOOTSTRAP = [{ host: '10.200.1.1', port: 6881 }];
const SEED = '10.201.1.1';

/** A torrent without trackers, and nodes of others that know each other, the first of which is where everybody starts. */
async function world(seed: number, isPrivate = false) {
  const swarm = new SimSwarm(seed, { files: 1, pieceLength: 16_384 });
  const { clock, random, net } = swarm;
  const files = 20 * 16_384 + 5;
  const { torrent, payload } = simTorrent(random, { files, pieceLength: 16_384, private: isPrivate });
  const crowd: DhtNode[] = [];
  for (let i = 1; i <= 12; i++) {
    const address = `10.200.${i}.1`;
    const host = net.host(address, LINE);
    const place: { socket?: DatagramSocket } = {};
    const node: DhtNode = new DhtNode({
      clock,
      random,
      family: 4,
      version: new Uint8Array(4),
      send: (data, to, port) => place.socket?.send(data, to, port),
      bootstrap: () => Promise.resolve(i === 1 ? [] : BOOTSTRAP),
    });
    place.socket = await host.datagram({ family: 4, port: 6881, localAddress: address }, node);
    node.start();
    crowd.push(node);
  }
  await clock.advance(60_000);
  const data = wrapInfo(torrent.info, []);
  const key = torrentKey(torrent.info.infoHash);
  const machine = (addresses: readonly string[]) => {
    const host = net.host(addresses, LINE);
    const http = swarm.tracker.http(addresses[0] ?? '');
    return new SimMachine({ clock, random, host, http, dhtBootstrap: BOOTSTRAP });
  };
  /** A machine of ours that has everything. */
  const seeding = async (options: Partial<DownloadOptions> = {}) => {
    const one = machine([SEED]);
    one.disk.put('/out/payload', payload);
    const choice = ordinaryOptions('/out', {
      proxies: [],
      links: [],
      bind: [SEED],
      seed: { kind: 'forever' },
      ...options,
    });
    await clock.resolve(one.coordinator.add({ kind: 'torrent', data }, choice));
    await clock.runUntil(() => one.coordinator.download(key)?.state === 'seeding', 60_000);
    await clock.advance(30_000);
    return one;
  };
  /** How many nodes of the crowd keep peers of anything. */
  const keeping = (): number => crowd.filter((node) => node.status().kept.torrents > 0).length;
  return { clock, net, payload, data, key, machine, seeding, keeping };
}

describe('a torrent without trackers', () => {
  test.each([1, 3])('is found by its hash alone, from each identity’s own address; K=%i', async (identities) => {
    const w = await world(identities);
    const seed = await w.seeding();
    expect(w.keeping()).toBeGreaterThan(0);
    const addresses = Array.from({ length: identities }, (_, i) => `10.202.${i + 1}.1`);
    const ours = w.machine(addresses);
    const choice = ordinaryOptions('/out', { identities, bind: addresses });
    const link = `magnet:?xt=urn:btih:${w.key}`;
    await w.clock.resolve(ours.coordinator.add({ kind: 'magnet', link }, choice));
    const done = (): boolean => ours.coordinator.download(w.key)?.state === 'done';
    expect(await w.clock.runUntil(done, 120_000)).toBe(true);
    expect(sameBytes(ours.disk.content('/out/payload')!, w.payload)).toBe(true);
    expect(ours.coordinator.trackers(w.key)).toEqual([]);
    await w.clock.resolve(ours.coordinator.close());
    await w.clock.resolve(seed.coordinator.close());
  });

  test('two identities behind one address have one node, and they are told on', async () => {
    const w = await world(5);
    const seed = await w.seeding({ identities: 1 });
    const ours = w.machine(['10.202.1.1']);
    const choice = ordinaryOptions('/out', { identities: 2, port: 7100, stay: true, down: 1000 as never });
    await w.clock.resolve(ours.coordinator.add({ kind: 'torrent', data: w.data }, choice));
    await w.clock.advance(90_000);
    const nodes = ours.coordinator.dhtNodes();
    expect(nodes.map(({ address, port, identity, state }) => [address, port, identity, state])).toEqual([
      ['10.202.1.1', 7100, 0, 'joined'],
    ]);
    const peers = new Set<string>();
    const asking = new DhtNode({
      clock: w.clock,
      random: new SeededRandom(99),
      family: 4,
      version: new Uint8Array(4),
      send: (data, to, port) => socket.send(data, to, port),
      bootstrap: () => Promise.resolve(BOOTSTRAP),
    });
    const socket = await w.net.host('10.203.1.1', LINE).datagram({ family: 4 }, asking);
    asking.start();
    await w.clock.advance(10_000);
    const hash = Uint8Array.from(w.key.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    const found = (them: readonly { readonly host: string; readonly port: number }[]): void =>
      them.forEach(({ host, port }) => peers.add(`${host}:${port}`));
    await w.clock.resolve(asking.search(hash, { found }).done);
    asking.stop();
    // Some nodes keep one port an address, the last one that they were told.
    expect([...peers].filter((peer) => /^10\.202\.1\.1:710[01]$/.test(peer))).not.toEqual([]);
    await w.clock.resolve(ours.coordinator.close());
    await w.clock.resolve(seed.coordinator.close());
  });
});

test('a private torrent is told to nobody, nor is one whose DHT is off; where none is left the node ends', async () => {
  const closed = await world(7, true);
  const seed = await closed.seeding();
  await closed.clock.advance(20 * 60_000);
  expect([closed.keeping(), seed.coordinator.dhtNodes()]).toEqual([0, []]);
  const open = await world(8);
  const other = await open.seeding({ dht: false });
  await open.clock.advance(20 * 60_000);
  expect([open.keeping(), other.coordinator.dhtNodes()]).toEqual([0, []]);
  await open.clock.resolve(other.coordinator.change(open.key, { dht: true }));
  await open.clock.advance(millis(30_000));
  expect(other.coordinator.dhtNodes()).toHaveLength(1);
  expect(open.keeping()).toBeGreaterThan(0);
  await open.clock.resolve(other.coordinator.change(open.key, { dht: false }));
  await open.clock.advance(millis(30_000));
  expect(other.coordinator.dhtNodes()).toEqual([]);
});

test('where the user wants it a node runs without any torrent, until he does not', async () => {
  const w = await world(9);
  const idle = w.machine([SEED]);
  const settings = { dht: true, dhtAlways: true, dhtBootstrap: [], proxies: [], links: [], bind: [SEED], port: 7200 };
  idle.coordinator.setDht(settings);
  await w.clock.advance(30_000);
  expect(idle.coordinator.dhtNodes()).toMatchObject([{ address: SEED, port: 7200, identity: 0, state: 'joined' }]);
  idle.killIdentity(0);
  await w.clock.advance(60_000);
  expect(idle.coordinator.dhtNodes()).toMatchObject([{ address: SEED, port: 7200, state: 'joined' }]);
  idle.coordinator.setDht({ ...settings, dhtAlways: false });
  await w.clock.advance(30_000);
  expect([idle.coordinator.dhtNodes(), idle.processes.started.filter((one) => one.running)]).toEqual([[], []]);
});
