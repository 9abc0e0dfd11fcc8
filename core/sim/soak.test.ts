import { queryObjects, setFlagsFromString } from 'node:v8';
import { torrentKey } from '../base/ids.ts';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { SwarmPeer } from '../swarm/peer.ts';
import { Decoder } from '../wire/decoder.ts';
import { figure, times } from './acceptance.ts';
import { SimSwarm } from './swarm.ts';
import type { WirePeer } from './wire-peer.ts';

const KIB = 1024;
const MIB = KIB * KIB;
/** Minutes. */
const WARM_UP = 8;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a process may not keep of peers that are gone. */
interface Level {
  readonly handles: number;
  readonly timers: number;
  readonly sockets: number;
  /** Bytes of the heap in use, and of buffers. */
  readonly heap: number;
  readonly buffers: number;
}

function memory(): Pick<Level, 'heap' | 'buffers'> {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

/** Peers come, say something, ask for something, and go, most without a good-bye. */
test(
  '300 peers joining and leaving for 30 minutes: memory, timers, sockets and files stay level',
  async (it) => {
    const minutes = times(30, 120);
    const swarm = new SimSwarm(8, { files: 32 * MIB, pieceLength: 64 * KIB });
    // Slow enough that the download outlasts the test.
    swarm.seed('10.0.0.1', { up: 3 * KIB, down: MIB });
    const addresses = ['10.9.0.1', '10.9.0.2'];
    const ours = swarm.machine({ addresses, up: MIB, down: MIB });
    await ours.add(swarm.torrent, { identities: 2, bind: addresses, maxPeers: 60 });
    await swarm.clock.advance(5_000);
    const chance = swarm.random;
    const below = (n: number): number => Math.floor(chance.uniform() * n);
    const peers: WirePeer[] = [];
    for (let i = 0; i < 300; i++) {
      const peer = swarm.wirePeer(
        `10.1.${i >> 6}.${1 + (i & 63)}`,
        { up: MIB, down: MIB },
        {
          fast: i % 3 > 0,
          greet: (it) => {
            if (i % 3 > 0) it.batch.haveNone();
            if (i % 2 === 0) it.batch.interested();
            for (let n = below(20); n > 0; n--) it.batch.have(below(swarm.torrent.info.pieceCount) as never);
            if (i % 5 === 0) it.batch.unchoke();
          },
          unchoked: (it) => {
            if (!it.choked) for (const piece of [...it.has].slice(0, 4)) it.batch.request(piece as never, 0, 16 * KIB);
            it.blocks.length = 0;
          },
        },
      );
      peers.push(await peer.listen());
    }
    const endpoints = addresses.map((host, i) => ({
      host,
      port: ours.snapshot(swarm.torrent).identities[i]?.port ?? 0,
    }));
    const lives = new Map<WirePeer, number>();
    const levels: Level[] = [];
    let kept = Number.POSITIVE_INFINITY;
    for (let minute = 0; minute < WARM_UP + minutes; minute++) {
      for (let second = 0; second < 60; second++) {
        for (const [peer, until] of lives) {
          if (until > swarm.clock.now()) continue;
          lives.delete(peer);
          for (const it of peer.connections.splice(0)) it.connection.destroy();
        }
        for (let n = below(3); n > 0; n--) {
          const peer = peers[below(peers.length)];
          if (peer === undefined || lives.has(peer)) continue;
          lives.set(peer, swarm.clock.now() + 5_000 + chance.uniform() * 60_000);
          const to = endpoints[below(2)];
          // Some dial, others are found.
          if (to !== undefined && chance.uniform() < 0.7) peer.dial(to);
          else ours.coordinator.addPeers(torrentKey(swarm.torrent.info.infoHash), [peer.endpoint]);
        }
        await swarm.clock.advance(1_000);
      }
      ours.events.length = 0;
      swarm.tracker.heard.length = 0;
      for (const client of swarm.clients) client.heard.length = 0;
      // The same state each time: nobody there but the seed.
      for (const peer of peers) for (const it of peer.connections.splice(0)) it.connection.destroy();
      lives.clear();
      await swarm.clock.advance(100);
      if (minute > minutes) kept = Math.min(kept, queryObjects(SwarmPeer, { format: 'count' }));
      levels.push({
        handles: (ours.alive(0)?.handles ?? 0) + (ours.alive(1)?.handles ?? 0),
        timers: swarm.clock.pending,
        sockets: ours.host.connections.size,
        ...memory(),
      });
    }
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'downloading' });
    // At first the runtime compiles, which costs memory too.
    levels.splice(0, WARM_UP);
    const tenth = Math.ceil(levels.length / 10);
    const early = levels.slice(0, tenth);
    const late = levels.slice(-tenth);
    for (const key of ['handles', 'timers', 'sockets'] as const) {
      // Dials that are under way come and go: what stays is seen in the middle one of several looks.
      const middle = (part: typeof levels): number =>
        part.map((level) => level[key]).sort((a, b) => a - b)[part.length >> 1] ?? 0;
      expect(middle(late), key).toBeLessThanOrEqual(1.1 * middle(early));
      // Two identities with at most 30 dials under way each, of which each has four timers while it is under way.
      expect(Math.max(...levels.map((level) => level[key])), key).toBeLessThan(320);
    }
    // Within 10% of what it was after the first tenth; the disk keeps what was downloaded meanwhile, and how it was before.
    const onDisk = 3 * ours.snapshot(swarm.torrent).bytes.have;
    const [first, last] = [early.at(-1), late.at(-1)];
    const mib = (bytes = 0): string => `${(bytes / MIB).toFixed(1)} MiB`;
    figure(
      it,
      `${minutes} virtual minutes: heap ${mib(first?.heap)} -> ${mib(last?.heap)}, buffers ${mib(first?.buffers)} -> ${mib(last?.buffers)} of which ${mib(ours.snapshot(swarm.torrent).bytes.have)} were downloaded`,
    );
    expect(last?.heap).toBeLessThanOrEqual(1.1 * (first?.heap ?? 0));
    expect(last?.buffers).toBeLessThanOrEqual(1.1 * (first?.buffers ?? 0) + onDisk);
    // No peer stays that is gone: two that stand are known at both ends. Those that had a part in pieces that are begun come and go
    // with these, so what stays is the least of the last looks.
    expect(kept).toBeLessThan(40);
    // And nothing is left after the end.
    await swarm.clock.resolve(ours.coordinator.close());
    for (const client of swarm.clients) await swarm.clock.resolve(client.stop());
    await swarm.clock.advance(60_000);
    expect(ours.host.connections.size).toBe(0);
    expect(ours.disk.openFiles).toBe(0);
    expect(ours.alive(0)?.handles ?? 0).toBe(0);
    expect(ours.alive(1)?.handles ?? 0).toBe(0);
    expect(swarm.clock.pending).toBe(0);
    // But the last that a closure still names.
    for (const kind of [SwarmPeer, Decoder])
      expect(queryObjects(kind, { format: 'count' }), kind.name).toBeLessThan(10);
  },
  times(120_000, 1_800_000),
);
