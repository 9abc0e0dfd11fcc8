import type { PieceIndex, Rng } from '../../base/ids.ts';

/** Looking at all pieces of the largest torrents for each piece would cost milliseconds. */
const PATIENCE = 4096;

export interface RunChoiceInput {
  readonly pieceCount: number;
  /** How much a piece is wanted now: 0 not, else runs of the highest number go first. */
  readonly worth: (piece: PieceIndex) => number;
  /** As many pieces are asked for at a time. */
  readonly most: number;
  /** `first`: the earliest; `longest`: where the most pieces follow one another. */
  readonly order: 'first' | 'longest';
  /** For `longest`: where to begin to look. */
  readonly from?: PieceIndex;
  /** For `longest`: once there is something, no more pieces than this are looked at. */
  readonly patience?: number;
  readonly rng: Rng;
}

/**
 * Where a server is asked to go on that has all pieces, and best sends many that follow one another. In a long gap it begins
 * somewhere within, as whoever fetches what lies before the gap grows into it. Undefined: nothing is wanted.
 */
export function chooseRun(input: RunChoiceInput): PieceIndex | undefined {
  const { pieceCount, worth, most, order, rng, patience = PATIENCE } = input;
  const from = order === 'first' || pieceCount === 0 ? 0 : (input.from ?? 0) % pieceCount;
  let best = 0;
  let start = -1;
  let length = 0;
  for (let seen = 0; seen < pieceCount && (start < 0 || order === 'first' || seen < patience);) {
    const i = (from + seen) % pieceCount;
    const value = worth(i as PieceIndex);
    let end = i + 1;
    if (value > 0 && value >= best) {
      while (end < pieceCount && end - i < patience && worth(end as PieceIndex) === value) end++;
      if (value > best || (order === 'longest' && end - i > length)) {
        best = value;
        start = i;
        length = end - i;
      }
    }
    seen += end - i;
  }
  if (start < 0) return undefined;
  const inside = order === 'longest' && length > 2 * most ? most + Math.floor(rng() * (length - 2 * most)) : 0;
  return (start + inside) as PieceIndex;
}
