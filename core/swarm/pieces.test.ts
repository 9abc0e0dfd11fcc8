import { describe, expect, test } from 'vitest';
import { times } from '../sim/acceptance.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';

const KIB = 1024;

/** A seed of the test's own; `spoils` says which of its blocks are wrong. */
function seed(swarm: SimSwarm, spoils: (count: number) => boolean): Partial<WirePeerOptions> {
  let count = 0;
  return {
    greet: (it) => {
      it.batch.haveAll();
      it.batch.unchoke();
    },
    requested: (it, piece, begin, length) => {
      const data = swarm.block(piece, begin, length).slice();
      if (spoils(count++)) data[0] = (data[0] ?? 0) ^ 1;
      it.block(piece, begin, data);
    },
  };
}

const dropped = (peer: WirePeer): boolean => peer.connections.some((it) => it.closed?.kind === 'remote');

describe('who is to blame for a piece that fails', () => {
  test.each([2, 3, 5, 10])(
    'one that spoils every %i. block among three honest seeds is found; they stay',
    async (n) => {
      for (let world = 1; world <= times(4, 40); world++) {
        const swarm = new SimSwarm(world * 10 + n, { files: 6_000 * KIB, pieceLength: 128 * KIB });
        const honest = await Promise.all(
          [1, 2, 3].map((i) =>
            swarm
              .wirePeer(
                `10.0.3.${i}`,
                { up: 200 * KIB },
                seed(swarm, () => false),
              )
              .listen(),
          ),
        );
        const liar = await swarm
          .wirePeer(
            '10.0.4.1',
            { up: 200 * KIB },
            seed(swarm, (count) => count % n === 0),
          )
          .listen();
        const ours = swarm.leecher('10.9.0.1', {});
        ours.introduce(
          swarm.torrent.info.infoHash,
          [...honest, liar].map(({ endpoint }) => endpoint),
        );
        let banned: boolean[] = [];
        const { pieceCount } = swarm.torrent.info;
        const over = await swarm.clock.runUntil(() => {
          banned = honest.map(dropped);
          return ours.verified.size === pieceCount || (dropped(liar) && ours.verified.size > pieceCount / 2);
        }, 300_000);
        expect(over, `world ${world}`).toBe(true);
        expect(dropped(liar), `world ${world}: the liar`).toBe(true);
        expect(banned, `world ${world}: the honest`).toEqual([false, false, false]);
      }
    },
  );
});
