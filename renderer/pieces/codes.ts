import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import { PIECE } from '../../core/engine/piece-codes.ts';

export const MISSING = PIECE.missing;
export const ARRIVING = PIECE.fetching;
export const NOT_WANTED = PIECE.unwanted;
export const FROM_BEFORE = PIECE.fromBefore;

/** Slots of a palette: the identities first, then these. */
export const SLOT = {
  siblings: MAX_IDENTITIES,
  before: MAX_IDENTITIES + 1,
  missing: MAX_IDENTITIES + 2,
  unwanted: MAX_IDENTITIES + 3,
} as const;
export const SLOTS = MAX_IDENTITIES + 4;

/** Maps codes of a piece map to slots; a piece on its way is looked up by its identity. */
export type Lens = Uint8Array;

function lens(slotOf: (identity: number) => number, before: number): Lens {
  const out = new Uint8Array(256).fill(SLOT.missing);
  for (let i = 0; i < MAX_IDENTITIES; i++) out[i] = slotOf(i);
  out[NOT_WANTED] = SLOT.unwanted;
  out[FROM_BEFORE] = before;
  return out;
}

/** For the whole download: everybody's pieces in their colours. */
export const WHOLE: Lens = lens((i) => i, SLOT.before);

/** No colours: what is there in grey. */
export const GREY: Lens = lens(() => SLOT.before, SLOT.before);

const own = Array.from({ length: MAX_IDENTITIES }, (_, mine) =>
  lens((i) => (i === mine ? i : SLOT.siblings), SLOT.siblings),
);

/** One identity's pieces in its colour, the others' in grey. */
export function ownLens(identity: number): Lens {
  return own[identity] ?? WHOLE;
}
