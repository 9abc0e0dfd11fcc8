import { describe, expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer } from '../sim/wire-peer.ts';
import { ordinaryTuning } from '../engine/tuning.ts';

const KIB = 1024;
const MIB = KIB * KIB;

/** How long each peer was unchoked, ms. */
function shares(peers: readonly WirePeer[], now: number): number[] {
  return peers.map(({ connections }) =>
    connections.reduce((sum, it) => sum + it.unchokedFor + (it.unchokedAt === undefined ? 0 : now - it.unchokedAt), 0),
  );
}

async function scene(count: number, maxUploads: number, seeding: boolean, ask: (i: number) => boolean) {
  const swarm = new SimSwarm(count, { files: 16 * MIB, pieceLength: 64 * KIB });
  const ours = seeding
    ? swarm.seed('10.9.0.1', { up: 256 * KIB, down: MIB })
    : swarm.leecher('10.9.0.1', { up: 256 * KIB, down: MIB });
  await swarm.clock.advance(100);
  ours.tell({
    type: 'tune',
    key: torrentKey(swarm.torrent.info.infoHash),
    tuning: ordinaryTuning({ maxUploads }),
  });
  const peers = Array.from({ length: count }, (_, i) => {
    let next = i;
    const peer: WirePeer = swarm.wirePeer(
      `10.0.3.${i + 1}`,
      { down: 32 * KIB * (1 + (i % 4)) },
      {
        greet: (it) => {
          it.batch.haveNone();
          it.batch.interested();
        },
        // Those that ask keep four requests out.
        unchoked: (it) => {
          if (it.choked || !ask(i)) return;
          for (let n = 0; n < 4; n++) it.batch.request((next++ % 256) as never, 0, 16 * KIB);
          it.flush();
        },
      },
    );
    peer.dial({ host: '10.9.0.1', port: 6881 });
    return peer;
  });
  swarm.clock.every(60_000 as never, () => peers.forEach(({ open }) => open?.raw(new Uint8Array(4))));
  return { swarm, ours, peers };
}

describe('thirty minutes of choking (B11)', () => {
  test.each([
    ['leeching from peers that send nothing', false],
    ['seeding to peers that take nothing', true],
  ])('%s: every peer has its turns, and nobody many more than the others', async (_, seeding) => {
    const { swarm, peers } = await scene(20, 4, seeding, () => false);
    let over = 0;
    for (let second = 0; second < 1800; second++) {
      await swarm.clock.advance(1_000);
      if (peers.filter(({ open }) => open?.choked === false).length > 4) over++;
    }
    // A message of two takes its time on the line.
    expect(over).toBe(0);
    const turns = shares(peers, swarm.clock.now());
    const mean = turns.reduce((a, b) => a + b, 0) / turns.length;
    expect(mean).toBeGreaterThan(0.9 * ((4 * 1_800_000) / 20));
    expect(Math.min(...turns)).toBeGreaterThan(mean / 6);
    expect(Math.max(...turns)).toBeLessThan(2 * mean);
  });

  test('a seed serves those who take fastest, and still gives each of the others a turn', async () => {
    const { swarm, peers } = await scene(12, 4, true, (i) => i < 4);
    for (let second = 0; second < 1800; second++) {
      await swarm.clock.advance(1_000);
      for (const [i, peer] of peers.entries()) {
        const it = peer.open;
        if (i >= 4 || it === undefined || it.choked) continue;
        it.batch.request((second % 256) as never, 0, 16 * KIB);
        it.flush();
      }
    }
    const turns = shares(peers, swarm.clock.now());
    const fast = Math.min(...turns.slice(0, 4));
    const rest = turns.slice(4);
    expect(fast).toBeGreaterThan(2 * Math.max(...rest));
    expect(Math.min(...rest)).toBeGreaterThan(0);
  });

  test('a peer that lost interest or left makes room at once', async () => {
    const { swarm, peers } = await scene(6, 2, true, () => false);
    await swarm.clock.advance(5_000);
    const unchoked = (): WirePeer[] => peers.filter(({ open }) => open?.choked === false);
    expect(unchoked()).toHaveLength(2);
    const [first, second] = unchoked();
    first?.open?.batch.notInterested();
    first?.open?.flush();
    await swarm.clock.advance(200);
    expect(unchoked()).toHaveLength(2);
    expect(unchoked()).not.toContain(first);
    second?.open?.connection.destroy();
    await swarm.clock.advance(200);
    expect(unchoked()).toHaveLength(2);
    expect(unchoked()).not.toContain(second);
  });
});
