import { type Rng, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { MOST_PIECES } from './piece-list.ts';

export interface PieceChoice {
  readonly pieceCount: number;
  /** Which machine is asked: bit i of `holders`. */
  readonly from: number;
  /** Whether a piece is still to be asked for. */
  wants(piece: PieceIndex): boolean;
  /** Who has it. */
  holders(piece: PieceIndex): number;
  sizeOf(piece: PieceIndex): number;
  /** Bytes, but at least one piece. */
  readonly most: number;
  readonly uniform: Rng;
}

/**
 * What to ask a machine for next, ascending: of what it has the pieces that fewest have, as those that more have can come from
 * others. Each machine begins elsewhere, so that several that ask one soon have pieces for each other.
 */
export function nextPieces({ pieceCount, from, wants, holders, sizeOf, most, uniform }: PieceChoice): PieceIndex[] {
  let fewest = Infinity;
  let best: PieceIndex[] = [];
  const start = Math.floor(uniform() * pieceCount);
  for (let i = 0; i < pieceCount; i++) {
    const piece = pieceIndex((start + i) % pieceCount);
    const mask = holders(piece);
    if (((mask >>> from) & 1) === 0 || !wants(piece)) continue;
    const count = bitsIn(mask);
    if (count > fewest) continue;
    if (count < fewest) best = [];
    fewest = count;
    if (best.length < MOST_PIECES) best.push(piece);
  }
  let bytes = 0;
  const out: PieceIndex[] = [];
  for (const piece of best) {
    bytes += sizeOf(piece);
    if (out.length > 0 && bytes > most) break;
    out.push(piece);
  }
  return out.sort((a, b) => a - b);
}

function bitsIn(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}
