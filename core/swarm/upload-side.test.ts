import { describe, expect, test, vi } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { sameBytes } from '../base/bytes.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { ReadCache } from '../store/read-cache.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const BLOCK = 16 * KIB;

/** Our seed on a line of `up` bytes a second, and a peer that asks for so many blocks at once and for nothing after. */
async function scene(up: number, blocks: number) {
  const swarm = new SimSwarm(1, { files: 8 * MIB, pieceLength: 64 * KIB });
  const ours = swarm.seed('10.9.0.1', { up, down: MIB });
  await swarm.clock.advance(100);
  const peer = swarm.wirePeer(
    '10.0.3.1',
    {},
    {
      greet: (it) => {
        it.batch.haveNone();
        it.batch.interested();
      },
      unchoked: (it) => {
        if (it.choked || it.blocks.length > 0) return;
        for (let n = 0; n < blocks; n++) it.batch.request((n >> 2) as never, (n & 3) * BLOCK, BLOCK);
        it.flush();
      },
    },
  );
  peer.dial({ host: '10.9.0.1', port: 6881 });
  await swarm.clock.advance(1_000);
  const it = peer.open;
  if (it === undefined) throw new Error('no connection');
  return { swarm, ours, it };
}

describe('blocks leave as the line takes them (B15)', () => {
  test('all that was asked for at once comes, though nothing more is asked', async () => {
    const { swarm, it } = await scene(100 * KIB, 400);
    await swarm.clock.advance((1.1 * 400 * BLOCK * 1000) / (100 * KIB));
    expect(it.blocks).toHaveLength(400);
    for (const { piece, begin, data } of it.blocks) {
      expect(sameBytes(data, swarm.block(piece, begin, data.length))).toBe(true);
    }
  });

  test('what is held in memory is let go as it leaves, though the peer asks on and on', async () => {
    let held = 0;
    const real = ReadCache.prototype.hold;
    const hold = vi.spyOn(ReadCache.prototype, 'hold').mockImplementation(async function (this: ReadCache, ...how) {
      const { data, release } = await real.apply(this, how);
      held++;
      return {
        data,
        release: () => {
          held--;
          release();
        },
      };
    });
    const { swarm, it } = await scene(100 * KIB, 60);
    let most = 0;
    for (let asked = 60; it.blocks.length < 200;) {
      await swarm.clock.advance(100);
      for (; asked < it.blocks.length + 60; asked++) {
        it.batch.request(((asked >> 2) % 128) as never, (asked & 3) * BLOCK, BLOCK);
      }
      it.flush();
      most = Math.max(most, held);
    }
    // Half a second of the line, and what is read next.
    expect(most).toBeLessThanOrEqual((50 + 32) / 16);
    await swarm.clock.advance(60_000);
    expect(held).toBe(0);
    hold.mockRestore();
  });

  test('little more comes once the peer is choked: what we tell a slow peer does not stand behind all that it asked for', async () => {
    const { swarm, ours, it } = await scene(100 * KIB, 400);
    await swarm.clock.advance(10_000);
    ours.tell({
      type: 'tune',
      key: torrentKey(swarm.torrent.info.infoHash),
      tuning: ordinaryTuning({ maxUploads: 0 }),
    });
    await swarm.clock.advance(100);
    const before = it.blocks.length;
    await swarm.clock.advance(60_000);
    expect(it.choked).toBe(true);
    // The simulated system holds 256 KiB, and half a second of the line waits before it.
    expect(it.blocks.length - before).toBeLessThanOrEqual((256 + 50 + 32) / 16);
  });
});
