import type { PieceMapSnapshot } from '../engine/engine.ts';
import { PIECE } from '../engine/piece-codes.ts';

const CELLS = 256;

/** The line of cells that stands for a download in the list (`DownloadView.overview`). */
export function overviewOf({ pieces }: Pick<PieceMapSnapshot, 'pieces'>): Uint8Array {
  const cells = Math.min(CELLS, pieces.length);
  const out = new Uint8Array(2 * cells);
  const counts = new Uint32Array(256);
  for (let cell = 0; cell < cells; cell++) {
    const from = Math.floor((cell * pieces.length) / cells);
    const to = Math.floor(((cell + 1) * pieces.length) / cells);
    counts.fill(0);
    for (let p = from; p < to; p++) {
      const code = pieces[p] ?? PIECE.missing;
      counts[code] = (counts[code] ?? 0) + 1;
    }
    const unwanted = counts[PIECE.unwanted] ?? 0;
    const fetching = counts[PIECE.fetching] ?? 0;
    const size = to - from - unwanted;
    const have = size - (counts[PIECE.missing] ?? 0) - fetching;
    out[2 * cell] =
      have > 0 ? oneOf(counts, have, cell) : fetching > 0 ? PIECE.fetching : size > 0 ? PIECE.missing : PIECE.unwanted;
    // Whatever is there shows, however little: a cell that is not empty never looks empty.
    out[2 * cell + 1] = have === 0 ? 0 : Math.max(1, Math.floor((255 * have) / size));
  }
  return out;
}

/**
 * Two numbers from 0 to below 1 for each place in a row, each spread evenly over any stretch of the row, and both independent of
 * each other (the fractional parts of multiples of the golden ratio and of the square root of two). Choices made by them have the
 * true proportions in any neighbourhood, and do not move.
 */
export function evenly(place: number): readonly [number, number] {
  return [(0.5 + 0.618033988749895 * place) % 1, (0.5 + Math.SQRT2 * place) % 1];
}

/** One of the identities (or "from before") that fetched pieces of a cell. Over many cells each is chosen in proportion to its pieces. */
function oneOf(counts: Uint32Array, have: number, cell: number): number {
  const at = evenly(cell)[1] * have;
  let below = 0;
  for (let code = 0; code < PIECE.unwanted; code++) if ((below += counts[code] ?? 0) > at) return code;
  return PIECE.fromBefore;
}

/** How many missing pieces no connected peer has. */
export function nobodyHas({ pieces, availability }: PieceMapSnapshot): number {
  let out = 0;
  for (let p = 0; p < pieces.length; p++) {
    if (availability[p] === 0 && (pieces[p] === PIECE.missing || pieces[p] === PIECE.fetching)) out++;
  }
  return out;
}
