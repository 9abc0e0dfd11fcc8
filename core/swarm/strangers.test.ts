import { describe, expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { sameBytes, toHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { VirtualClock } from '../sim/clock.ts';
import type { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WireConnection, WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const MINUTE = 60_000;
const OURS: Endpoint = { host: '10.9.0.1', port: 6881 };

const open = (peers: readonly WirePeer[]): number => peers.filter((peer) => peer.open !== undefined).length;
const dials = (peers: readonly WirePeer[]): number => peers.reduce((sum, peer) => sum + peer.connections.length, 0);

/** Strangers on so many addresses, so many on each; they keep alive, and come again when they are sent away. */
class Strangers {
  readonly peers: WirePeer[] = [];
  readonly #to: Endpoint;

  constructor(swarm: SimSwarm, addresses: number, each: number, script: Partial<WirePeerOptions>, to = OURS) {
    this.#to = to;
    for (let a = 0; a < addresses; a++) {
      const address = `10.66.${4 * Number(to.host.split('.')[3]) + (a >> 7)}.${(a & 127) + 1}`;
      const host = swarm.net.host(address, { latency: 5 });
      for (let i = 0; i < each; i++) {
        const peerId = toHex(Uint8Array.from({ length: 20 }, (_, at) => (at === 0 ? a : at === 1 ? i + 1 : 0x66)));
        this.peers.push(swarm.wirePeerOn(host, address, { peerId, ...script }));
      }
    }
  }

  /** Once in `ms` each hangs up and is back at once, so that it is new all the time. */
  async cycle(clock: VirtualClock, ms: number): Promise<void> {
    for (const peer of this.peers) {
      peer.open?.connection.destroy();
      peer.dial(this.#to);
      await clock.advance(ms / this.peers.length);
    }
  }

  come(): void {
    for (const peer of this.peers) if (peer.open === undefined) peer.dial(this.#to);
  }

  keepAlive(): void {
    for (const { open: it } of this.peers) {
      it?.batch.keepAlive();
      it?.flush();
    }
  }
}

/** Time passes, in which they stay as well as they can. */
async function stay(swarm: SimSwarm, crowds: readonly Strangers[], ms: number, step = 20_000): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    for (const crowd of crowds) crowd.come();
    await swarm.clock.advance(step);
    if (gone % 100_000 < step) for (const crowd of crowds) crowd.keepAlive();
  }
}

const silent: Partial<WirePeerOptions> = {};
const pretends: Partial<WirePeerOptions> = { greet: (it) => it.batch.haveAll() };
const begs: Partial<WirePeerOptions> = {
  greet: (it) => {
    it.batch.haveNone();
    it.batch.interested();
  },
};

const world = (): SimSwarm => new SimSwarm(7, { files: MIB, pieceLength: 64 * KIB });
const complete = (swarm: SimSwarm, client: SimClient): boolean =>
  client.verified.size === swarm.torrent.info.pieceCount;

describe('strangers that hold all places', { timeout: 60_000 }, () => {
  test.each([
    ['five addresses, silent', 5, 16, silent],
    ['five addresses, say that they want something', 5, 16, begs],
    ['200 addresses, silent', 200, 1, silent],
    ['200 addresses, say that they want something', 200, 1, begs],
  ])('of a seed, from %s: leechers get through', async (_, addresses, each, script) => {
    const swarm = world();
    const ours = swarm.seed(OURS.host, { up: 4 * MIB });
    await swarm.clock.advance(1_000);
    const strangers = new Strangers(swarm, addresses, each, script);
    await stay(swarm, [strangers], 40_000);
    expect(ours.status?.peers).toBe(80);
    // They know of the seed alone, and some it knows and some dial.
    const leechers = [1, 2, 3].map((n) => swarm.leecher(`10.0.0.${n}`, { up: MIB, down: MIB }));
    for (const leecher of leechers) leecher.introduce(torrentKey(swarm.torrent.info.infoHash), [OURS]);
    for (let i = 0; i < 60 && !leechers.every((leecher) => complete(swarm, leecher)); i++) {
      await stay(swarm, [strangers], MINUTE);
    }
    for (const leecher of leechers) {
      expect(sameBytes(leecher.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    }
  });

  test.each([
    ['five addresses, silent', 5, 16, silent],
    ['five addresses, say that they have all', 5, 16, pretends],
    ['200 addresses, silent', 200, 1, silent],
    ['200 addresses, say that they have all', 200, 1, pretends],
  ])('of a leecher, from %s: a seed is found, and a seed finds it', async (_, addresses, each, script) => {
    for (const dialled of [true, false]) {
      const swarm = world();
      swarm.tracker.down = true;
      const ours = swarm.leecher(OURS.host, { up: MIB });
      await swarm.clock.advance(1_000);
      const strangers = new Strangers(swarm, addresses, each, script);
      await stay(swarm, [strangers], 40_000);
      expect(ours.status?.peers).toBe(80);
      const seed = swarm.seed('10.0.0.1', { up: MIB, down: MIB });
      await swarm.clock.advance(1_000);
      const key = torrentKey(swarm.torrent.info.infoHash);
      if (dialled) ours.introduce(key, [{ host: '10.0.0.1', port: 6881 }]);
      else seed.introduce(key, [OURS]);
      for (let i = 0; i < 60 && !complete(swarm, ours); i++) await stay(swarm, [strangers], MINUTE);
      expect(complete(swarm, ours), dialled ? 'dialled' : 'dials').toBe(true);
    }
  });

  /** Takes one block every 50 s of what it may have while it is choked (BEP 6), or brings one that it was asked for. */
  function trickle(swarm: SimSwarm, has: boolean): { script: Partial<WirePeerOptions>; tick: () => void } {
    const { info } = swarm.torrent;
    const wanted = new Map<WireConnection, number>();
    const script: Partial<WirePeerOptions> = {
      greet: (it) => {
        wanted.set(it, 0);
        if (has) it.batch.haveAll();
        else it.batch.haveNone();
        if (has) it.batch.unchoke();
      },
    };
    const give = (it: WireConnection): void => {
      const next = it.requests.shift();
      if (next === undefined) return;
      const at = next.piece * info.pieceLength + next.begin;
      it.block(next.piece, next.begin, swarm.payload.slice(at, at + next.length));
    };
    const take = (it: WireConnection, count: number): void => {
      const blocks = info.pieceLength / (16 * KIB);
      const piece = it.gifts[Math.floor(count / blocks)];
      if (piece !== undefined) it.batch.request(piece, (count % blocks) * 16 * KIB, 16 * KIB);
      it.flush();
    };
    return {
      script,
      tick: () => {
        for (const [it, count] of wanted) {
          if (it.closed !== undefined) wanted.delete(it);
          else if (has) give(it);
          else take(it, count);
          if (it.closed === undefined) wanted.set(it, count + 1);
        }
      },
    };
  }

  test.each([
    ['five addresses', 5, 16],
    ['200 addresses', 200, 1],
  ])('of a seed, from %s, that nibble at what is given to all: leechers get through', async (_, addresses, each) => {
    const swarm = world();
    const ours = swarm.seed(OURS.host, { up: 4 * MIB });
    await swarm.clock.advance(1_000);
    const { script, tick } = trickle(swarm, false);
    const strangers = new Strangers(swarm, addresses, each, script);
    await stay(swarm, [strangers], 2_000, 1_000);
    for (let i = 0; i < 2; i++) {
      await swarm.clock.advance(50_000);
      tick();
    }
    expect(ours.status?.peers).toBe(80);
    const leecher = swarm.leecher('10.0.0.1', { up: MIB, down: MIB });
    leecher.introduce(torrentKey(swarm.torrent.info.infoHash), [OURS]);
    for (let i = 0; i < 8 && !complete(swarm, leecher); i++) {
      await stay(swarm, [strangers], 50_000, 10_000);
      tick();
    }
    expect(complete(swarm, leecher)).toBe(true);
  });

  test.each([
    ['five addresses', 5, 16],
    ['80 addresses', 80, 1],
  ])('of a leecher, from %s, that bring a block now and then: a seed finds it', async (_, addresses, each) => {
    const swarm = new SimSwarm(7, { files: 64 * MIB, pieceLength: MIB });
    swarm.tracker.down = true;
    const ours = swarm.leecher(OURS.host, { up: MIB });
    await swarm.clock.advance(1_000);
    const { script, tick } = trickle(swarm, true);
    const strangers = new Strangers(swarm, addresses, each, script);
    await stay(swarm, [strangers], 2_000, 1_000);
    for (let i = 0; i < 3; i++) {
      await swarm.clock.advance(50_000);
      tick();
    }
    expect(ours.status?.peers).toBe(80);
    const seed = swarm.seed('10.0.0.1', { up: 4 * MIB, down: MIB });
    await swarm.clock.advance(1_000);
    seed.introduce(torrentKey(swarm.torrent.info.infoHash), [OURS]);
    for (let i = 0; i < 6 && !complete(swarm, ours); i++) {
      await stay(swarm, [strangers], 50_000, 10_000);
      tick();
    }
    expect(complete(swarm, ours)).toBe(true);
  });

  test.each([
    ['five addresses, silent', 5, 16, silent],
    ['80 addresses, silent', 80, 1, silent],
    ['five addresses, that say that they have all', 5, 16, pretends],
    ['80 addresses, that say that they have all', 80, 1, pretends],
  ])('from %s, that hang up and come again all the time', async (_, addresses, each, script) => {
    for (const seeding of [true, false]) {
      if (seeding && script === pretends) continue;
      const swarm = world();
      swarm.tracker.down = true;
      const ours = seeding ? swarm.seed(OURS.host, { up: MIB }) : swarm.leecher(OURS.host, { up: MIB });
      await swarm.clock.advance(1_000);
      const strangers = new Strangers(swarm, addresses, each, script);
      const other = seeding ? swarm.leecher('10.0.0.1', { up: MIB }) : swarm.seed('10.0.0.1', { up: MIB });
      for (let i = 0; i < 3; i++) await strangers.cycle(swarm.clock, 45_000);
      expect(ours.status?.peers).toBe(80);
      other.introduce(torrentKey(swarm.torrent.info.infoHash), [OURS]);
      const fetching = seeding ? other : ours;
      for (let i = 0; i < 20 && !complete(swarm, fetching); i++) await strangers.cycle(swarm.clock, 45_000);
      expect(complete(swarm, fetching), seeding ? 'a seed' : 'a leecher').toBe(true);
    }
  });

  test('of a magnet link: who has the metadata is found', async () => {
    for (const [addresses, each] of [
      [5, 16],
      [200, 1],
    ] as const) {
      const swarm = world();
      swarm.tracker.down = true;
      const ours = swarm.seeker(OURS.host, {});
      await swarm.clock.advance(1_000);
      const strangers = new Strangers(swarm, addresses, each, silent);
      await stay(swarm, [strangers], 10_000, 1_000);
      expect(ours.status?.peers).toBe(30);
      swarm.seed('10.0.0.1', { up: MIB, down: MIB });
      await swarm.clock.advance(1_000);
      ours.introduce(torrentKey(swarm.torrent.info.infoHash), [{ host: '10.0.0.1', port: 6881 }]);
      const found = (): boolean => ours.heard.some(({ type }) => type === 'metadata');
      for (let i = 0; i < 60 && !found(); i++) await stay(swarm, [strangers], 2_000, 1_000);
      expect(found()).toBe(true);
    }
  });

  test('of two identities: each finds its seed', async () => {
    const swarm = world();
    swarm.tracker.down = true;
    const addresses = ['10.9.0.1', '10.9.0.2'];
    const ours = swarm.machine({ addresses, up: MIB, down: MIB });
    await ours.add(swarm.torrent, { identities: 2, bind: addresses });
    await swarm.clock.advance(1_000);
    const crowds = addresses.map((host, i) => {
      const port = ours.snapshot(swarm.torrent).identities[i]?.port ?? 0;
      return new Strangers(swarm, 5, 16, silent, { host, port });
    });
    await stay(swarm, crowds, 40_000);
    expect(ours.snapshot(swarm.torrent).identities.map(({ peers }) => peers)).toEqual([80, 80]);
    swarm.seed('10.0.0.1', { up: MIB, down: MIB });
    await swarm.clock.advance(1_000);
    ours.coordinator.addPeers(torrentKey(swarm.torrent.info.infoHash), [{ host: '10.0.0.1', port: 6881 }]);
    for (let i = 0; i < 10 && ours.snapshot(swarm.torrent).state === 'downloading'; i++) {
      await stay(swarm, crowds, MINUTE);
    }
    expect(ours.snapshot(swarm.torrent).bytes.have).toBe(MIB);
  });
});

describe('a storm of newcomers', { timeout: 60_000 }, () => {
  /** Takes a block every so often, for as long as it may. */
  const slowly = (it: WireConnection): void => {
    if (!it.choked) it.batch.request((it.blocks.length % 16) as never, 0, 16 * KIB);
  };

  test('pushes out nobody who trades', async () => {
    const swarm = world();
    const ours = swarm.seed(OURS.host, { up: 4 * MIB });
    await swarm.clock.advance(1_000);
    const honest = Array.from({ length: 4 }, (_, i) =>
      swarm.wirePeer(`10.0.1.${i + 1}`, {}, { ...begs, unchoked: slowly }),
    );
    for (const peer of honest) peer.dial(OURS);
    await swarm.clock.advance(1_000);
    const strangers = new Strangers(swarm, 100, 2, begs);
    for (let i = 0; i < 20; i++) {
      await stay(swarm, [strangers], 20_000, 5_000);
      for (const peer of honest) {
        peer.open?.batch.keepAlive();
        if (peer.open !== undefined) slowly(peer.open);
        peer.open?.flush();
      }
    }
    expect(ours.status?.peers).toBe(80);
    expect([open(honest), dials(honest)]).toEqual([4, 4]);
  });

  test('pushes out nobody who waits for a slot, and does not come and go', async () => {
    const swarm = world();
    const ours = swarm.seed(OURS.host, { up: 64 * KIB });
    await swarm.clock.advance(1_000);
    // More than there are places, all honest, all slow: a seed that is asked for.
    const leechers = Array.from({ length: 100 }, (_, i) =>
      swarm.wirePeer(`10.0.${i >> 6}.${(i & 63) + 1}`, {}, { ...begs, unchoked: slowly }),
    );
    for (let i = 0; i < 30; i++) {
      for (const peer of leechers) if (peer.open === undefined) peer.dial(OURS);
      await swarm.clock.advance(20_000);
      for (const peer of leechers) {
        peer.open?.batch.keepAlive();
        if (peer.open !== undefined) slowly(peer.open);
        peer.open?.flush();
      }
    }
    expect(ours.status?.peers).toBe(80);
    const admitted = leechers.flatMap(({ connections }) => connections.filter(({ has }) => has.size > 0));
    expect(admitted).toHaveLength(80);
    expect(admitted.every(({ closed }) => closed === undefined)).toBe(true);
  });
});

describe('nobody comes and goes for ever', () => {
  test('idle peers that we know of are dialled no oftener than every half hour', async () => {
    const swarm = world();
    const ours = swarm.leecher(OURS.host, {});
    swarm.tracker.down = true;
    const peers = await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        swarm.wirePeer(`10.0.${i >> 6}.${(i & 63) + 1}`, {}, { greet: (it) => it.batch.haveNone() }).listen(),
      ),
    );
    ours.introduce(
      torrentKey(swarm.torrent.info.infoHash),
      peers.map(({ endpoint }) => endpoint),
    );
    for (let i = 0; i < 29; i++) {
      await swarm.clock.advance(MINUTE);
      for (const { open: it } of peers) {
        it?.batch.keepAlive();
        it?.flush();
      }
    }
    expect(ours.status?.peers).toBe(80);
    // All had their chance, and nobody twice.
    expect(peers.map(({ connections }) => connections.length)).toEqual(peers.map(() => 1));
  });
});
