import { expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import { piece as pieceIndex, torrentKey } from '../base/ids.ts';
import { PieceShare, mayTake } from '../strategy/pieces/share-map.ts';
import { times } from '../sim/acceptance.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer } from '../sim/wire-peer.ts';

/** Peers with pieces of their own that grow, an identity whose share changes all the time: each second all is counted again. */
test('interested exactly in peers that have a piece that may still be taken (A10)', async () => {
  for (let seed = 1; seed <= times(3, 30); seed++) {
    const chance = new SeededRandom(seed);
    const below = (n: number): number => Math.floor(chance.uniform() * n);
    const swarm = new SimSwarm(seed, { files: 40 * 16384 - 5, pieceLength: 16384 });
    const { pieceCount } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    const has: Bitfield[] = [];
    const peers: WirePeer[] = [];
    for (let i = 0; i < 6; i++) {
      const bits = new Bitfield(pieceCount);
      for (let p = 0; p < pieceCount; p++) if (chance.uniform() < 0.05 * i) bits.add(p);
      has.push(bits);
      const greet: NonNullable<Parameters<SimSwarm['wirePeer']>[2]>['greet'] = (it) => {
        if (bits.isEmpty) it.batch.haveNone();
        else it.raw(Uint8Array.of(0, 0, 0, 1 + bits.bytes.length, 5), bits.bytes.slice());
      };
      peers.push(await swarm.wirePeer(`10.0.3.${i + 1}`, {}, { greet }).listen());
    }
    const ours = swarm.leecher('10.9.0.1', {});
    const share = new Uint8Array(pieceCount).fill(PieceShare.open);
    ours.add(swarm.torrent, undefined, { count: 4, shares: share.slice() });
    ours.introduce(
      key,
      peers.map(({ endpoint }) => endpoint),
    );
    for (let second = 0; second < 120; second++) {
      for (let n = below(6); n > 0; n--) {
        const piece = below(pieceCount);
        if (share[piece] === PieceShare.present) continue;
        const state = below(6) as PieceShare;
        share[piece] = state;
        const pieces = Uint32Array.of(piece);
        if (state === PieceShare.present) ours.tell({ type: 'present', key, pieces, owners: Uint8Array.of(1) });
        else ours.tell({ type: 'shares', key, pieces, state });
      }
      for (const [i, peer] of peers.entries()) {
        if (chance.uniform() > 0.3 || peer.open === undefined) continue;
        const piece = below(pieceCount);
        if (!has[i]!.add(piece)) continue;
        peer.open.batch.have(pieceIndex(piece));
        peer.open.flush();
      }
      await swarm.clock.advance(1_000);
      // Claims that nobody serves go back by themselves.
      for (const message of ours.heard.splice(0)) {
        if (message.type !== 'release') continue;
        for (const piece of message.pieces) {
          if (share[piece] === PieceShare.both) share[piece] = PieceShare.theirs;
          else if (share[piece] === PieceShare.mine) share[piece] = PieceShare.open;
        }
      }
      for (const [i, peer] of peers.entries()) {
        const wanted = share.some((state, piece) => mayTake(state as PieceShare) && has[i]!.has(piece));
        expect(peer.open?.interested, `world ${seed}, second ${second}, peer ${i}`).toBe(wanted);
      }
    }
  }
});
