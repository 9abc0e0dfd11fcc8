import { describe, expect, test, vi } from 'vitest';
import { identityIndex, piece, torrentKey } from '../base/ids.ts';
import { figure, times } from '../sim/acceptance.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';
import { VirtualClock } from '../sim/clock.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { DownloadSide } from './download-side.ts';
import { PeerHashes } from './peer-hashes.ts';
import { Pieces } from './pieces.ts';
import type { SwarmState } from './state.ts';

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
          torrentKey(swarm.torrent.info.infoHash),
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

/** Right where it was asked for all blocks before in the same piece, so that no piece of its alone is ever wrong. */
function sly(swarm: SimSwarm, alone: 'right' | 'stalls'): Partial<WirePeerOptions> {
  const asked = new Map<number, Set<number>>();
  return {
    ...seed(swarm, () => false),
    requested: (it, piece, begin, length) => {
      const before = asked.get(piece) ?? new Set();
      asked.set(piece, before.add(begin));
      const whole = before.size * 16 * KIB > begin;
      if (whole && alone === 'stalls' && begin > 0) return;
      const data = swarm.block(piece, begin, length).slice();
      if (!whole) data[0] = (data[0] ?? 0) ^ 1;
      it.block(piece, begin, data);
    },
  };
}

describe('a liar that spoils only what others have a part in', () => {
  test.for([
    [1, 'right'],
    [1, 'stalls'],
    [4, 'right'],
    [4, 'stalls'],
  ] as const)('behind %i addresses, and alone it %s: banned for a bounded waste', async ([liars, alone], it) => {
    let most = 0;
    for (let world = 1; world <= times(3, 30); world++) {
      const swarm = new SimSwarm(world * 10 + liars, { files: 6_000 * KIB, pieceLength: 256 * KIB });
      const seeds = (net: number, count: number, script: () => Partial<WirePeerOptions>): Promise<WirePeer[]> =>
        Promise.all(
          Array.from({ length: count }, (_, i) =>
            swarm.wirePeer(`10.0.${net}.${i + 1}`, { up: 100 * KIB }, script()).listen(),
          ),
        );
      const honest = await seeds(3, 3, () => seed(swarm, () => false));
      const bad = await seeds(4, liars, () => sly(swarm, alone));
      const ours = swarm.leecher('10.9.0.1', {});
      const { infoHash, pieceCount, pieceLength } = swarm.torrent.info;
      ours.introduce(
        torrentKey(infoHash),
        [...honest, ...bad].map(({ endpoint }) => endpoint),
      );
      const over = await swarm.clock.runUntil(() => ours.verified.size === pieceCount, 1_800_000);
      expect(over, `world ${world}`).toBe(true);
      await swarm.clock.advance(6_000);
      expect(honest.map(dropped), `world ${world}: the honest`).toEqual([false, false, false]);
      // What is under way when it is found out, and little for each further address.
      const failures = ours.heard.filter(({ type }) => type === 'hash-failed').length;
      most = Math.max(most, failures);
      expect(failures, `world ${world}: pieces that failed`).toBeLessThanOrEqual(12 + 4 * liars);
      expect(ours.status?.wasted ?? 0).toBeLessThanOrEqual((12 + 4 * liars) * pieceLength);
      if (failures > 0) expect(bad.some(dropped), `world ${world}: a liar is banned`).toBe(true);
    }
    figure(it, `most pieces spoiled by a liar behind ${liars === 1 ? 'one address' : `${liars} addresses`}`, most);
  });
});

describe('a piece that a sibling verifies while ours is being hashed', () => {
  const begin = () => {
    const share = new ShareMap(1, PieceShare.mine);
    const told = vi.fn();
    const picker = { begun: new Map(), reset: vi.fn(), solo: vi.fn(), finished: vi.fn() };
    const finish: { resolve?: (good: boolean) => void; reject?: (error: Error) => void } = {};
    const finished = new Promise<boolean>((resolve, reject) => Object.assign(finish, { resolve, reject }));
    const events = { verified: vi.fn(), hashFailed: vi.fn(), failed: vi.fn() };
    const state = {
      ports: { clock: new VirtualClock() },
      info: { id: {} },
      self: { identity: identityIndex(0) },
      geometry: { pieceSize: () => 100 },
      share,
      claimer: { verified: () => {} },
      picker,
      store: { setOwner: () => {}, ownerOf: () => 0 },
      intake: { finish: () => finished },
      events,
      peers: new Set(),
      sources: new Set(),
      totals: { wasted: 0 },
      tuning: { share: true },
      seeding: false,
    } as unknown as SwarmState;
    const hashes = new PeerHashes(state, { serves: () => false, ban: () => {} });
    const pieces = new Pieces(state, { refillAll: () => {} } as unknown as DownloadSide, hashes, {
      ban: () => {},
      tell: told,
    });
    const over = pieces.arrived(piece(0));
    const elsewhere = (): void => pieces.presentElsewhere(Uint32Array.of(0), Uint8Array.of(3));
    return { share, picker, finish, events, pieces, over, elsewhere, told };
  };

  test.each([
    ['is wrong', false],
    ['cannot be written', new Error('EIO')],
    ['is right', true],
  ] as const)('is there, and told once, where ours %s', async (_, outcome) => {
    const { share, picker, finish, events, over, elsewhere, told } = begin();
    elsewhere();
    expect(share.get(piece(0))).toBe(PieceShare.mine);
    if (typeof outcome === 'boolean') finish.resolve?.(outcome);
    else finish.reject?.(outcome);
    await over;
    expect(share.get(piece(0))).toBe(PieceShare.present);
    expect(picker.finished).toHaveBeenCalledOnce();
    expect(picker.solo).not.toHaveBeenCalled();
    expect(told).toHaveBeenCalledOnce();
    expect(events.hashFailed).toHaveBeenCalledTimes(outcome === false ? 1 : 0);
    expect(events.failed).toHaveBeenCalledTimes(outcome instanceof Error ? 1 : 0);
  });

  test('and then loses is fetched again where ours is wrong', async () => {
    const { share, picker, finish, pieces, over, elsewhere } = begin();
    elsewhere();
    pieces.lostElsewhere(piece(0));
    finish.resolve?.(false);
    await over;
    expect(share.get(piece(0))).toBe(PieceShare.mine);
    expect(picker.reset).toHaveBeenCalledOnce();
  });
});
