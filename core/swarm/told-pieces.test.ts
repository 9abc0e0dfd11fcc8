import { expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { SimSwarm } from '../sim/swarm.ts';

test('every peer hears of every piece: at once who may come to want something, the others within seconds', async () => {
  const swarm = new SimSwarm(3, { files: 40 * 16384, pieceLength: 16384, tracked: false });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const [empty, full] = await Promise.all([
    swarm.wirePeer('10.0.4.1', {}, { greet: (it) => it.batch.haveNone() }).listen(),
    swarm.wirePeer('10.0.4.2', {}, { greet: (it) => it.batch.haveAll() }).listen(),
  ]);
  const ours = swarm.leecher('10.9.0.1', {});
  ours.add(swarm.torrent, undefined, { count: 4 });
  ours.introduce(key, [empty.endpoint, full.endpoint]);
  await swarm.clock.advance(3000);
  const counts = (): number[] => [empty, full].map((peer) => peer.open?.has.size ?? -1);
  const told: number[][] = [];
  for (let piece = 0; piece < 20; piece++) {
    ours.tell({ type: 'present', key, pieces: Uint32Array.of(piece), owners: Uint8Array.of(1) });
    await swarm.clock.advance(100);
    told.push(counts());
  }
  expect(told[0]).toEqual([1, 0]);
  // More of the same tells nothing that matters now.
  expect(told.at(9)).toEqual([1, 0]);
  await swarm.clock.advance(3000);
  expect(counts()).toEqual([20, 0]);
  await swarm.clock.advance(8000);
  expect(counts()).toEqual([20, 20]);
});
