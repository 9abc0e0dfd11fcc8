import { describe, expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { sameBytes } from '../base/bytes.ts';
import type { SimMachine } from './machine.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const addressesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);

function world(seed: number, seeds = 3, leechers = 4): SimSwarm {
  const made = new SimSwarm(seed, { files: 6 * MIB, pieceLength: 64 * KIB });
  for (let i = 1; i <= seeds; i++) made.seed(`10.0.0.${i}`, { up: MIB / 2, down: MIB });
  for (let i = 1; i <= leechers; i++) made.leecher(`10.0.1.${i}`, { up: MIB / 4, down: MIB });
  return made;
}

/** Endpoints that an identity has dialled and not lost, now. */
function dialled(ours: SimMachine, identity: number): string[] {
  const { connections } = ours.alive(identity) ?? { connections: new Map() };
  return [...connections.values()].filter((one) => one.dialled).map((one) => formatEndpoint(one.connection.remote));
}

describe('identities among the others', () => {
  test('behind one address they never dial the same peer (A16)', async () => {
    const swarm = world(1);
    const ours = swarm.machine({ down: MIB, up: MIB });
    await ours.add(swarm.torrent, { identities: 4 });
    let most = 0;
    const over = (): boolean => {
      const all = [0, 1, 2, 3].flatMap((i) => dialled(ours, i));
      most = Math.max(most, all.length);
      if (new Set(all).size !== all.length) expect.fail(all.join(' '));
      return ours.snapshot(swarm.torrent).state === 'done';
    };
    expect(await swarm.clock.runUntil(over, 120_000)).toBe(true);
    expect(most).toBeGreaterThan(3);
  });

  test.each([
    ['behind one address', undefined],
    ['on addresses of their own', addressesOf(4)],
  ])('%s siblings are never connected (A14)', async (_, addresses) => {
    const swarm = world(2);
    const ours = swarm.machine({ ...(addresses === undefined ? {} : { addresses }), down: MIB, up: MIB });
    await ours.add(swarm.torrent, { identities: 4, bind: addresses ?? [] });
    const own = new Set(addresses ?? ['10.9.0.1']);
    let siblings = 0;
    const over = (): boolean => {
      for (const connection of ours.host.connections) if (own.has(connection.remote.host)) siblings++;
      return ours.snapshot(swarm.torrent).state === 'done';
    };
    expect(await swarm.clock.runUntil(over, 120_000)).toBe(true);
    expect(siblings).toBe(0);
    const ids = new Set(swarm.tracker.heard.filter(({ host }) => own.has(host)).map(({ peerId }) => peerId));
    expect(ids.size).toBe(4);
  });

  test.each([
    [1, ['started', 'completed', 'stopped']],
    [2, ['started', 'stopped']],
    [4, ['started', 'stopped']],
  ])('K=%i tells its trackers %j, under one peer id each (A11, A18)', async (k, events) => {
    const swarm = world(3);
    const addresses = addressesOf(k);
    const ours = swarm.machine({ addresses, down: MIB });
    await ours.add(swarm.torrent, { identities: k, bind: addresses });
    expect(await ours.until(swarm.torrent, ['done'], 120_000)).toMatchObject({ state: 'done' });
    await swarm.clock.advance(5_000);
    for (const address of addresses) {
      const heard = swarm.tracker.heard.filter(({ host }) => host === address);
      expect(new Set(heard.map(({ peerId }) => peerId)).size).toBe(1);
      expect(heard.map(({ event }) => event).filter((event) => event !== '')).toEqual(events);
    }
  });

  test('with seeding after K>1 identity 0 alone stays, as a seed', async () => {
    const swarm = world(4, 2, 1);
    const addresses = addressesOf(3);
    const ours = swarm.machine({ addresses, down: MIB, up: MIB });
    await ours.add(swarm.torrent, { identities: 3, bind: addresses, seed: { kind: 'forever' } });
    const { state, identities } = await ours.until(swarm.torrent, ['seeding'], 120_000);
    await swarm.clock.advance(3_000);
    expect(state).toBe('seeding');
    expect(identities).toHaveLength(3);
    expect(ours.snapshot(swarm.torrent).identities.map((one) => one.state)).toEqual(['seeding', 'left', 'left']);
    const late = swarm.leecher('10.0.2.1', { up: MIB, down: MIB });
    for (const client of swarm.clients.slice(0, -1)) await swarm.clock.resolve(client.stop());
    expect(await swarm.clock.runUntil(() => late.verified.size === swarm.torrent.info.pieceCount, 300_000)).toBe(true);
    expect(swarm.tracker.heard.some((one) => addresses.includes(one.host) && one.event === 'completed')).toBe(false);
  });
});

describe('sharing (A5)', () => {
  test.each([true, false])('share %s', async (share) => {
    const swarm = world(6, 2, 0);
    const addresses = addressesOf(3);
    // Listens to each of our identities, and asks every one for everything it says it has. Nobody else hears of it.
    const ear = await swarm
      .wirePeer(
        '10.0.3.1',
        {},
        {
          greet: (it) => {
            it.batch.haveNone();
            it.batch.interested();
          },
        },
      )
      .listen();
    const ours = swarm.machine({ addresses, down: MIB / 2, up: MIB });
    await ours.add(swarm.torrent, {
      identities: 3,
      bind: addresses,
      share,
      stay: true,
      pex: false,
      peers: [ear.endpoint],
    });
    const asked = new Set<string>();
    const told = new Map<string, Set<number>>();
    const over = (): boolean => {
      for (const it of ear.connections) {
        told.set(it.connection.remote.host, it.has);
        if (it.closed !== undefined) continue;
        for (let piece = 0; piece < swarm.torrent.info.pieceCount; piece++) {
          const key = `${it.connection.remote.host} ${piece}`;
          if (it.choked || asked.has(key) || (!it.has.has(piece) && share)) continue;
          if (!it.has.has(piece) && swarm.clock.now() < 20_000) continue;
          asked.add(key);
          it.batch.request(piece as never, 0, 16 * KIB);
        }
        it.flush();
      }
      return ours.snapshot(swarm.torrent).state === 'done';
    };
    expect(await swarm.clock.runUntil(over, 120_000)).toBe(true);
    const { pieces } = ours.coordinator.pieceMap(torrentKey(swarm.torrent.info.infoHash)) ?? { pieces: [] };
    expect(told.size).toBe(3);
    let served = 0;
    let foreign = 0;
    for (const [i, address] of addresses.entries()) {
      const own = [...pieces].filter((owner) => owner === i).length;
      const heard = told.get(address) ?? new Set();
      if (!share) for (const piece of heard) expect(pieces[piece]).toBe(i);
      else expect(heard.size).toBeGreaterThan(own);
    }
    for (const it of ear.connections) {
      const i = addresses.indexOf(it.connection.remote.host);
      for (const { piece, begin, data } of it.blocks) {
        served++;
        if (pieces[piece] !== i) foreign++;
        expect(sameBytes(data, swarm.block(piece, begin, data.length))).toBe(true);
      }
    }
    expect(served).toBeGreaterThan(0);
    expect(foreign > 0).toBe(share);
  });
});
