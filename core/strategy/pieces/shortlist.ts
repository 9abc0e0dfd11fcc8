import type { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';

const LEAST_LIMIT = 256;

/** The best pieces of an order that one peer has, for peers that have little of what is left in it. */
export interface Shortlist {
  /** How many additions it knows of; it is out of date once pieces were added to the order, or the peer got some. */
  readonly adds: number;
  readonly count: number;
  /** It holds all of the peer's pieces that were in the order. */
  readonly whole: boolean;
  /** Some of these may have left the order since. */
  readonly pieces: PieceIndex[];
}

/**
 * Gathers the best of `peer`'s pieces in an order of `ranks` ranks, at least `limit`, where there are more.
 * `ranked` holds rank + 1 of each piece, 0 where it is not in the order. Of equals it takes those from a random place on.
 */
export function gatherShortlist(
  peer: Bitfield,
  ranked: Uint16Array,
  ranks: number,
  adds: number,
  limit: number,
  start: number,
): Shortlist {
  const most = Math.max(limit, LEAST_LIMIT);
  const { bytes, count } = peer;
  const perRank = new Uint32Array(ranks + 1);
  let total = 0;
  for (let i = 0; i < bytes.length; i++) {
    for (let rest = bytes[i] ?? 0; rest !== 0;) {
      const bit = Math.clz32(rest) - 24;
      rest &= ~(0x80 >>> bit);
      const rank = ranked[i * 8 + bit] ?? 0;
      if (rank === 0) continue;
      perRank[rank] = (perRank[rank] ?? 0) + 1;
      total++;
    }
  }
  let last = 1;
  let before = 0;
  while (last < ranks && before + (perRank[last] ?? 0) < most) before += perRank[last++] ?? 0;
  let ofLast = most - before;
  const pieces: PieceIndex[] = [];
  for (let n = 0; n < bytes.length && total > 0; n++) {
    const i = (start + n) % bytes.length;
    for (let rest = bytes[i] ?? 0; rest !== 0;) {
      const bit = Math.clz32(rest) - 24;
      rest &= ~(0x80 >>> bit);
      const rank = ranked[i * 8 + bit] ?? 0;
      if (rank === 0 || rank > last || (rank === last && ofLast-- <= 0)) continue;
      pieces.push((i * 8 + bit) as PieceIndex);
    }
  }
  return { adds, count, whole: pieces.length === total, pieces };
}
