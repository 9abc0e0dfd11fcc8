import { afterEach, expect, test, vi } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { Swarm } from '../swarm/swarm.ts';
import { beginsAtRest } from './resting-seed.ts';
import { soloSetup } from '../sim/client.ts';

afterEach(() => vi.restoreAllMocks());

test('a seed that is alone keeps nothing but what announces it, serves whoever comes, and what it moved stays counted; trackers hear of none of it', async () => {
  const swarm = new SimSwarm(1, { files: 300_000, pieceLength: 32_768 });
  const { clock, tracker, torrent, payload } = swarm;
  const key = torrentKey(torrent.info.infoHash);
  const halted = vi.spyOn(Swarm.prototype, 'halt');
  const seed = swarm.seed('10.0.0.1', {});
  await clock.advance(120_000);
  // It was never more than its sources.
  expect(halted).not.toHaveBeenCalled();
  expect(seed.status).toMatchObject({ state: 'seeding', peers: 0, uploaded: 0, endpoint: { host: '10.0.0.1' } });
  const fetch = async (address: string) => {
    const client = swarm.leecher(address, {});
    client.tell({ type: 'peers', key, dial: foundBy('user', [{ host: '10.0.0.1', port: 6881 }]) });
    expect(await clock.runUntil(() => client.verified.size === torrent.info.pieceCount, 60_000)).toBe(true);
    await clock.resolve(client.stop());
    // Whom the tracker named goes, too.
    seed.tell({ type: 'peers', key, dial: [] });
  };
  await fetch('10.0.0.2');
  halted.mockClear();
  await clock.advance(120_000);
  expect(halted).toHaveBeenCalledTimes(1);
  expect(seed.status).toMatchObject({ state: 'seeding', peers: 0, uploaded: payload.length });
  await fetch('10.0.0.3');
  await clock.advance(120_000);
  expect(seed.status).toMatchObject({ peers: 0, uploaded: 2 * payload.length, reachability: { kind: 'reached' } });
  const told = (port: number): unknown[] => tracker.heard.filter((one) => one.port === port).map(({ event }) => event);
  expect(told(6881).filter((event) => event === 'stopped')).toHaveLength(2);
  await clock.resolve(seed.stop());
  expect(tracker.heard.at(-1)).toMatchObject({ event: 'stopped', left: 0 });
});

test('at rest it is paused, resumed and left like any other', async () => {
  const swarm = new SimSwarm(2, { files: 100_000, pieceLength: 32_768 });
  const { clock, torrent } = swarm;
  const key = torrentKey(torrent.info.infoHash);
  const seed = swarm.seed('10.0.0.1', {});
  const peer = swarm.wirePeer('10.0.0.2', {});
  const comes = async (): Promise<boolean> => {
    const peers = seed.status?.peers ?? 0;
    peer.dial({ host: '10.0.0.1', port: 6881 });
    await clock.advance(2000);
    return (seed.status?.peers ?? 0) > peers;
  };
  await clock.advance(1000);
  seed.tell({ type: 'pause', key });
  await clock.advance(2000);
  expect(seed.status?.state).toBe('paused');
  expect(await comes()).toBe(false);
  seed.tell({ type: 'resume', key });
  await clock.advance(2000);
  expect(await comes()).toBe(true);
  seed.tell({ type: 'leave', key });
  await clock.advance(5000);
  expect(seed.heard.some(({ type }) => type === 'left')).toBe(true);
});

test("only what is whole, in its place and nobody else's rests", () => {
  const { torrent } = new SimSwarm(3, { files: 100_000, pieceLength: 32_768 });
  const setup = soloSetup(torrent, new Uint8Array(100_000), 'ab'.repeat(20) as never, '10.0.0.1');
  expect(beginsAtRest(setup)).toBe(true);
  const { count, location, tuning, shares } = setup;
  const gap = shares?.slice() ?? new Uint8Array();
  gap[1] = 2;
  for (const other of [
    { seed: false },
    { count: count + 1 },
    { shares: gap },
    { location: { ...location, assembled: false } },
    { tuning: { ...tuning, superSeeding: true } },
    { webSeeds: ['http://10.0.0.9/'] },
    { priorities: new Uint8Array(4).fill(4) },
    { begun: [{ piece: 0 as never, blocks: new Uint8Array(1) }] },
  ]) {
    expect(beginsAtRest({ ...setup, ...other })).toBe(false);
  }
});
