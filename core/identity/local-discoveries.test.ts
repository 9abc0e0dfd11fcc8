import { expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import type { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';

const HOME = { segment: 'home' };

const sources = (client: SimClient): string[] =>
  client.heard.flatMap((one) => (one.type === 'peer' && one.connected ? [one.source] : []));

test('clients of one network find each other without a tracker, whichever came first, also for a magnet link', async () => {
  const swarm = new SimSwarm(1, { files: 300_000, pieceLength: 32_768, tracked: false });
  const seed = swarm.seed('10.0.0.1', HOME);
  await swarm.clock.advance(10_000);
  const leecher = swarm.leecher('10.0.0.2', HOME);
  const seeker = swarm.seeker('10.0.0.3', HOME);
  await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 60_000);
  expect(leecher.verified.size).toBe(swarm.torrent.info.pieceCount);
  await swarm.clock.runUntil(() => seeker.heard.some(({ type }) => type === 'metadata'), 60_000);
  expect(seeker.heard.some(({ type }) => type === 'metadata')).toBe(true);
  expect([...sources(seed), ...sources(leecher), ...sources(seeker)]).toContain('lsd');
  // Of what rests there are reports every half minute.
  await swarm.clock.advance(31_000);
  const status = seed.status?.sources.find(({ kind }) => kind === 'lsd');
  expect(status).toMatchObject({ kind: 'lsd', found: 2, next: expect.any(Number) as number });
});

test.each([
  ['a private torrent', { private: true }, {}],
  ['switched off', {}, { lsd: false }],
])('%s is not announced, and nobody who announces it is found', async (_, torrent, tuning) => {
  const swarm = new SimSwarm(1, { files: 300_000, pieceLength: 32_768, tracked: false, ...torrent });
  const seed = swarm.seed('10.0.0.1', HOME);
  const leecher = swarm.leecher('10.0.0.2', HOME);
  const key = torrentKey(swarm.torrent.info.infoHash);
  for (const client of [seed, leecher]) client.tell({ type: 'tune', key, tuning: ordinaryTuning(tuning) });
  await swarm.clock.advance(400_000);
  expect([...seed.heard, ...leecher.heard].filter(({ type }) => type === 'peers-found')).toEqual([]);
  expect(sources(leecher)).toEqual([]);
});

test('switched on while it runs, it begins', async () => {
  const swarm = new SimSwarm(1, { files: 300_000, pieceLength: 32_768, tracked: false });
  const seed = swarm.seed('10.0.0.1', HOME);
  const leecher = swarm.leecher('10.0.0.2', HOME);
  const key = torrentKey(swarm.torrent.info.infoHash);
  for (const client of [seed, leecher]) client.tell({ type: 'tune', key, tuning: ordinaryTuning({ lsd: false }) });
  await swarm.clock.advance(100_000);
  expect(sources(leecher)).toEqual([]);
  for (const client of [seed, leecher]) client.tell({ type: 'tune', key, tuning: ordinaryTuning() });
  await swarm.clock.runUntil(() => leecher.verified.size === swarm.torrent.info.pieceCount, 60_000);
  expect(leecher.verified.size).toBe(swarm.torrent.info.pieceCount);
});
