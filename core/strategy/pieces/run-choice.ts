import type { PieceIndex, Rng } from '../../base/ids.ts';

export interface RunChoiceInput {
  readonly pieceCount: number;
  /** How much a piece is wanted now: 0 not, else runs of the highest number go first. */
  readonly worth: (piece: PieceIndex) => number;
  /** As many pieces are asked for at a time. */
  readonly most: number;
  /** `first`: the earliest; `longest`: where the most pieces follow one another. */
  readonly order: 'first' | 'longest';
  readonly rng: Rng;
}

/**
 * Where a server is asked to go on that has all pieces, and best sends many that follow one another. In a long gap it begins
 * somewhere within, as whoever fetches what lies before the gap grows into it. Undefined: nothing is wanted.
 */
export function chooseRun({ pieceCount, worth, most, order, rng }: RunChoiceInput): PieceIndex | undefined {
  let best = 0;
  let start = -1;
  let length = 0;
  for (let i = 0; i < pieceCount;) {
    const value = worth(i as PieceIndex);
    let end = i + 1;
    if (value > 0 && value >= best) {
      while (end < pieceCount && worth(end as PieceIndex) === value) end++;
      if (value > best || (order === 'longest' && end - i > length)) {
        best = value;
        start = i;
        length = end - i;
      }
    }
    i = end;
  }
  if (start < 0) return undefined;
  const inside = order === 'longest' && length > 2 * most ? most + Math.floor(rng() * (length - 2 * most)) : 0;
  return (start + inside) as PieceIndex;
}
