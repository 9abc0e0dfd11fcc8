import { expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { SimSwarm } from '../sim/swarm.ts';

test('bound to the name of a missing interface it waits, and uses no other; given its address it goes on', async () => {
  const swarm = new SimSwarm(3, { files: 300_000, pieceLength: 32 * 1024 });
  swarm.seed('10.0.0.1', { up: 1e6, down: 1e6 });
  const late = swarm.leecher('10.0.0.2', { up: 1, down: 1 });
  late.add(swarm.torrent, undefined, { address: 'eth1' });
  await swarm.clock.advance(5000);
  const heard = swarm.tracker.heard.length;
  await swarm.clock.advance(30_000);
  expect(late.status?.state).toBe('no-address');
  expect([late.host.connections.size, swarm.tracker.heard.length]).toEqual([0, heard]);
  late.tell({ type: 'leave', key: torrentKey(swarm.torrent.info.infoHash) });
  late.add(swarm.torrent, undefined);
  await swarm.clock.advance(5000);
  expect(late.status?.state).toBe('downloading');
  expect(late.host.connections.size).toBe(1);
});
