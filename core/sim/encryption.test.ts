import { expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { EncryptionPolicy } from '../base/choices.ts';
import { torrentKey } from '../base/ids.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import type { SimClient } from './client.ts';
import { SimSwarm } from './swarm.ts';

/** A seed and a leecher with these policies, until the leecher has some of it, or for two minutes. */
async function swarmOf(seeds: EncryptionPolicy, leeches: EncryptionPolicy) {
  const swarm = new SimSwarm(5, { files: 1_000_000, pieceLength: 16_384 });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const seed = swarm.seed('10.0.0.1', { up: 50_000 }, { tuning: ordinaryTuning({ encryption: seeds }) });
  const leecher = swarm.leecher('10.0.0.2', {}, { tuning: ordinaryTuning({ encryption: leeches }) });
  leecher.tell({ type: 'watch', key });
  await swarm.clock.runUntil(() => leecher.verified.size > 30, 120_000);
  return { swarm, key, seed, leecher };
}

const kindsOf = ({ status }: SimClient): string[] => [
  ...new Set(status?.peerList?.map(({ encryption }) => encryption)),
];

test.each<readonly [EncryptionPolicy, EncryptionPolicy, string]>([
  ['preferred', 'preferred', 'header'],
  ['preferred', 'required', 'rc4'],
  ['required', 'preferred', 'rc4'],
  ['off', 'preferred', 'plain'],
  ['preferred', 'off', 'plain'],
])('a seed with %s gives a leecher with %s the right bytes, over %s', async (seeds, leeches, kind) => {
  const { swarm, leecher } = await swarmOf(seeds, leeches);
  expect(kindsOf(leecher)).toEqual([kind]);
  await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 120_000);
  const payload = leecher.payload(swarm.torrent);
  expect(payload !== undefined && sameBytes(payload, swarm.payload)).toBe(true);
});

test('where one has it off and the other requires it, they do not meet', async () => {
  const { leecher } = await swarmOf('off', 'required');
  expect([leecher.verified.size, leecher.status?.peers]).toEqual([0, 0]);
});

test('whoever requires it from now on dials and accepts nobody without it; what stands stays', async () => {
  const { swarm, key, seed, leecher } = await swarmOf('off', 'preferred');
  const before = leecher.verified.size;
  leecher.tell({ type: 'tune', key, tuning: ordinaryTuning({ encryption: 'required' }) });
  await swarm.clock.advance(5_000);
  expect(kindsOf(leecher)).toEqual(['plain']);
  expect(leecher.verified.size).toBeGreaterThan(before);
  seed.tell({ type: 'pause', key });
  await swarm.clock.advance(5_000);
  seed.tell({ type: 'resume', key });
  await swarm.clock.advance(600_000);
  expect(leecher.status?.peers).toBe(0);
  seed.tell({ type: 'tune', key, tuning: ordinaryTuning() });
  await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 3_600_000);
  expect(kindsOf(leecher)).toEqual(['rc4']);
});

test('what changes while a torrent is being opened holds too', async () => {
  const swarm = new SimSwarm(5, { files: 1_000_000, pieceLength: 16_384 });
  const key = torrentKey(swarm.torrent.info.infoHash);
  swarm.seed('10.0.0.1', { up: 50_000 }, { tuning: ordinaryTuning() });
  const leecher = swarm.leecher('10.0.0.2', {}, { tuning: ordinaryTuning({ encryption: 'off' }) });
  leecher.tell({ type: 'tune', key, tuning: ordinaryTuning({ encryption: 'required' }) });
  leecher.tell({ type: 'watch', key });
  await swarm.clock.runUntil(() => leecher.verified.size > 30, 120_000);
  expect(kindsOf(leecher)).toEqual(['rc4']);
});

test('our program fetches from peers of all kinds with two identities', async () => {
  const swarm = new SimSwarm(9, { files: 3_000_000, pieceLength: 16_384 });
  for (const [i, encryption] of (['off', 'preferred', 'required'] as const).entries()) {
    swarm.seed(`10.0.0.${i + 1}`, { up: 60_000 }, { tuning: ordinaryTuning({ encryption }) });
  }
  const addresses = ['10.9.0.1', '10.9.0.2'];
  const ours = swarm.machine({ addresses });
  const options = { identities: 2, bind: addresses, encryption: 'preferred' } as const;
  const key = await ours.add(swarm.torrent, options);
  await swarm.clock.advance(10_000);
  ours.coordinator.watchPeers(key);
  await swarm.clock.advance(1_000);
  const kinds = (): Set<string> => new Set(ours.coordinator.peers(key).map(({ encryption }) => encryption));
  expect(kinds().has('rc4') || kinds().has('header')).toBe(true);
  await ours.until(swarm.torrent, ['done'], 600_000);
  expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
});
