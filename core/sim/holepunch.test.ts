import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { torrentKey } from '../base/ids.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import type { SwarmTuning } from '../engine/statuses.ts';
import type { SimClient } from './client.ts';
import { NATS, type NatOptions } from './nat.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const RELAY = '93.184.216.1';
const [HOME_A, HOME_B] = ['93.184.216.10', '93.184.216.20'];

const tuned = (changes: Partial<SwarmTuning> = {}) => ({ tuning: ordinaryTuning({ encryption: 'off', ...changes }) });

interface Scene {
  readonly nats: readonly [NatOptions, NatOptions];
  /** What is set for who asks, who is asked for, and who is in between. */
  readonly asker?: Partial<SwarmTuning>;
  readonly target?: Partial<SwarmTuning>;
  readonly relay?: Partial<SwarmTuning>;
  readonly private?: boolean;
}

/**
 * A leecher and a seed, each behind a NAT of its own, that know nobody but a leecher in the internet, which takes and gives next to nothing. The
 * seed has no peer exchange: it does not dial by itself at the right time.
 */
async function scene({ nats, asker, target, relay, ...torrent }: Scene) {
  const swarm = new SimSwarm(7, { files: 4096 * KIB, pieceLength: 64 * KIB, tracked: false, ...torrent });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const between = swarm.leecher(RELAY, {}, tuned(relay));
  const a = swarm.leecher('10.0.0.2', {}, tuned(asker), swarm.net.behind(HOME_A, nats[0]));
  const b = swarm.seed('10.0.0.3', {}, tuned({ pex: false, ...target }), swarm.net.behind(HOME_B, nats[1]));
  for (const one of [between, a, b]) one.tell({ type: 'watch', key });

  between.tell({
    type: 'tune',
    key,
    tuning: { ...tuned(relay).tuning, limits: { up: 1_000, down: 1_000 } as SwarmTuning['limits'] },
  });
  await swarm.clock.advance(100);
  for (const one of [b, a]) one.introduce(key, [{ host: RELAY, port: 6881 }]);
  return { swarm, key, between, a, b };
}

const others = ({ status }: SimClient) => (status?.peerList ?? []).filter(({ endpoint }) => endpoint.host !== RELAY);

async function meets({ swarm, a }: Awaited<ReturnType<typeof scene>>, within = 120_000): Promise<boolean> {
  return swarm.clock.runUntil(() => others(a).length > 0, within);
}

describe('two peers behind NATs with a common one', () => {
  const { fullCone, addressRestricted, restricted } = NATS;
  test.each([
    ['restricted', restricted, restricted],
    ['restricted, address-restricted', restricted, addressRestricted],
    ['address-restricted, restricted', addressRestricted, restricted],
    ['full cone, restricted', fullCone, restricted],
  ] as const)('%s: are brought together', async (_, first, second) => {
    const world = await scene({ nats: [first, second] });
    expect(await meets(world)).toBe(true);
    expect(others(world.a)).toMatchObject([{ transport: 'utp', punched: true }]);
    expect(others(world.a)[0]?.endpoint.host).toBe(HOME_B);
    const done = (): boolean => world.a.verified.size === world.swarm.torrent.info.pieceCount;
    expect(await world.swarm.clock.runUntil(done, 120_000)).toBe(true);
    expect(sameBytes(world.a.payload(world.swarm.torrent) ?? new Uint8Array(), world.swarm.payload)).toBe(true);
    expect(others(world.b)).toMatchObject([{ transport: 'utp', punched: true }]);
  });

  test.each<readonly [string, Scene]>([
    ['where one NAT is symmetric', { nats: [NATS.symmetric, restricted] }],
    ['where both NATs are symmetric', { nats: [NATS.symmetric, NATS.symmetric] }],
    ['where who asks has no uTP', { nats: [restricted, restricted], asker: { utp: false } }],
    ['where who is asked for has no uTP', { nats: [restricted, restricted], target: { utp: false } }],
    ['where the one in between has no uTP', { nats: [restricted, restricted], relay: { utp: false } }],
    ['where who asks hears of nobody', { nats: [restricted, restricted], asker: { pex: false } }],
    ['where the torrent is private', { nats: [restricted, restricted], private: true }],
  ])('%s: do not meet, and stay with the common one', async (_, options) => {
    const world = await scene(options);
    expect(await meets(world, 300_000)).toBe(false);
    expect(world.a.status?.peers).toBe(1);
    expect(world.b.status?.peers).toBe(1);
    expect(world.a.heard.filter(({ type }) => type === 'failed')).toEqual([]);
  });
});

describe('who is known by its UDP port', () => {
  const RELAYS = Array.from({ length: 8 }, (_, i) => `93.184.217.${i + 1}`);
  /** How a client inside is connected with leechers outside. */
  async function transports(inside: boolean, tuning: Partial<SwarmTuning> = {}): Promise<(string | undefined)[]> {
    const swarm = new SimSwarm(3, { files: 4096 * KIB, pieceLength: 64 * KIB, tracked: false });
    const key = torrentKey(swarm.torrent.info.infoHash);
    for (const host of RELAYS) swarm.leecher(host, {}, tuned());
    const lan = inside ? swarm.net.behind(HOME_A, NATS.restricted) : swarm.net;
    const ours = swarm.leecher(inside ? '10.0.0.2' : HOME_A, {}, tuned(tuning), lan);
    ours.tell({ type: 'watch', key });
    await swarm.clock.advance(100);
    ours.introduce(
      key,
      RELAYS.map((host) => ({ host, port: 6881 })),
    );
    await swarm.clock.advance(5_000);
    return (ours.status?.peerList ?? []).map(({ transport }) => transport).sort();
  }

  test.each([
    ['behind a router, to some of those outside', true, {}, 4],
    ['behind none, to nobody', false, {}, 0],
    ['behind a router without uTP, to nobody', true, { utp: false }, 0],
  ] as const)('%s', async (_, inside, tuning, count) => {
    const all = await transports(inside, tuning);
    expect(all).toHaveLength(8);
    expect(all.filter((one) => one === 'utp')).toHaveLength(count);
  });
});
