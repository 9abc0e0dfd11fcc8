import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { TransportName } from '../base/choices.ts';
import { torrentKey } from '../base/ids.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import type { SwarmTuning } from '../engine/statuses.ts';
import type { SimClient } from './client.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;

const tuned = (changes: Partial<SwarmTuning> = {}): { readonly tuning: SwarmTuning } => ({
  tuning: ordinaryTuning({ encryption: 'off', ...changes }),
});
const UTP = tuned({ tcp: false });

const transportsOf = ({ status }: SimClient): TransportName[] => [
  ...new Set(status?.peerList?.map(({ transport }) => transport)),
];

/** A seed and a leecher, until the leecher has all of it, or for two minutes. */
async function play(seeds: Partial<SwarmTuning>, leeches: Partial<SwarmTuning>) {
  const swarm = new SimSwarm(5, { files: MIB, pieceLength: 16 * KIB });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const seed = swarm.seed('10.0.0.1', { up: 100_000 }, tuned(seeds));
  const leecher = swarm.leecher('10.0.0.2', {}, tuned(leeches));
  leecher.tell({ type: 'watch', key });
  await swarm.clock.runUntil(() => leecher.verified.size > 30, 120_000);
  const transports = transportsOf(leecher);
  await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 120_000);
  return { swarm, key, seed, leecher, transports };
}

describe('a seed and a leecher meet', () => {
  test.each<readonly [string, Partial<SwarmTuning>, Partial<SwarmTuning>, TransportName[]]>([
    ['over TCP where both have both', {}, {}, ['tcp']],
    ['over uTP where the seed has no other', { tcp: false }, {}, ['utp']],
    ['over uTP where the leecher has no other', {}, { tcp: false }, ['utp']],
    ['over TCP where one has no uTP', { utp: false }, {}, ['tcp']],
    ['over uTP, encrypted', { tcp: false, encryption: 'required' }, { encryption: 'preferred' }, ['utp']],
    ['not at all where each has what the other has not', { tcp: false }, { utp: false }, []],
  ])('%s', async (_, seeds, leeches, expected) => {
    const { swarm, leecher, transports } = await play(seeds, leeches);
    expect(transports).toEqual(expected);
    if (expected.length === 0) return expect(leecher.verified.size).toBe(0);
    expect(sameBytes(leecher.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
  });
});

test('whoever came to another peer over uTP is dialled over it first', async () => {
  const swarm = new SimSwarm(5, { files: MIB, pieceLength: 16 * KIB, tracked: false });
  const key = torrentKey(swarm.torrent.info.infoHash);
  swarm.seed('10.0.0.1', { up: 100_000 }, tuned());
  const leecher = swarm.leecher('10.0.0.2', {}, tuned());
  leecher.tell({ type: 'watch', key });
  await swarm.clock.advance(1_000);
  leecher.tell({ type: 'peers', key, dial: [{ host: '10.0.0.1', port: 6881, source: 'pex', overUtp: true }] });
  await swarm.clock.runUntil(() => leecher.verified.size > 30, 120_000);
  expect(transportsOf(leecher)).toEqual(['utp']);
});

test('a download limit holds over uTP too, and an upload limit', async () => {
  for (const limits of [
    { seed: { up: 50_000, down: 0 }, leech: { up: 0, down: 0 } },
    { seed: { up: 0, down: 0 }, leech: { up: 0, down: 50_000 } },
  ]) {
    const swarm = new SimSwarm(5, { files: MIB, pieceLength: 16 * KIB });
    const limited = (of: object) => tuned({ tcp: false, limits: of as SwarmTuning['limits'] });
    swarm.seed('10.0.0.1', {}, limited(limits.seed));
    const leecher = swarm.leecher('10.0.0.2', {}, limited(limits.leech));
    await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 120_000);
    // A megabyte at 50 kB/s.
    expect(swarm.clock.now()).toBeGreaterThan(18_000);
    expect(swarm.clock.now()).toBeLessThan(30_000);
  }
});

test('peers that were switched to uTP alone stay connected, and meet over it the next time', async () => {
  const swarm = new SimSwarm(5, { files: 4 * MIB, pieceLength: 16 * KIB });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const seed = swarm.seed('10.0.0.1', { up: 50_000 }, tuned());
  const leecher = swarm.leecher('10.0.0.2', {}, tuned());
  leecher.tell({ type: 'watch', key });
  await swarm.clock.runUntil(() => leecher.verified.size > 20, 120_000);
  for (const one of [seed, leecher]) one.tell({ type: 'tune', key, tuning: UTP.tuning });
  await swarm.clock.advance(5_000);
  expect(transportsOf(leecher)).toEqual(['tcp']);
  seed.tell({ type: 'pause', key });
  await swarm.clock.advance(5_000);
  seed.tell({ type: 'resume', key });
  await swarm.clock.runUntil(() => transportsOf(leecher)[0] === 'utp', 600_000);
  expect(transportsOf(leecher)).toEqual(['utp']);
});

describe('our program over uTP alone', () => {
  test.each([1, 2, 4].flatMap((k) => (['rarest', 'random', 'fixed'] as const).map((mode) => [k, mode] as const)))(
    'K=%i, %s: everything comes, no piece twice',
    async (k, selection) => {
      const swarm = new SimSwarm(k, {
        files: [
          { path: ['a'], length: 2 * MIB - 70_001 },
          { path: ['sub', 'b'], length: 70_001 },
        ],
        pieceLength: 64 * KIB,
      });
      swarm.seed('10.0.0.1', { up: MIB, down: MIB }, UTP);
      swarm.seed('10.0.0.2', { up: MIB / 2, down: MIB }, UTP);
      swarm.leecher('10.0.1.1', { up: MIB / 2, down: MIB }, UTP);
      const bind = Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);
      const ours = swarm.machine({ addresses: bind, down: 2 * MIB, up: MIB });
      await ours.add(swarm.torrent, { identities: k, selection, bind, tcp: false, utp: true });
      const done = await ours.until(swarm.torrent, ['done'], 180_000);
      expect(done).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
      expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    },
  );

  test('over lines that lose, double and overtake', async () => {
    const swarm = new SimSwarm(8, { files: MIB, pieceLength: 64 * KIB });
    const bad = { up: MIB, loss: 0.02, duplication: 0.02, reordering: 0.02 };
    swarm.seed('10.0.0.1', bad, UTP);
    const ours = swarm.machine({ ...bad });
    await ours.add(swarm.torrent, { tcp: false, utp: true });
    const done = await ours.until(swarm.torrent, ['done'], 300_000);
    expect(done).toMatchObject({ state: 'done', hashFailures: 0 });
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
  });
});
