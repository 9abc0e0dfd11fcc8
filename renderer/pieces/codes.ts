import { PIECE } from '../../core/engine/piece-codes.ts';

export const MISSING = PIECE.missing;
export const ARRIVING = PIECE.fetching;
export const NOT_WANTED = PIECE.unwanted;
export const FROM_BEFORE = PIECE.fromBefore;

/** Slots of a palette: 0-31 the identities, then these. */
export const SLOT = { siblings: 32, before: 33, missing: 34, unwanted: 35 } as const;
export const SLOTS = 36;
export const MOST_IDENTITIES = 32;

/** From a code of the map to a slot; a piece on its way is looked up by its identity. */
export type Lens = Uint8Array;

function lens(slotOf: (identity: number) => number, before: number): Lens {
  const out = new Uint8Array(256).fill(SLOT.missing);
  for (let i = 0; i < MOST_IDENTITIES; i++) out[i] = slotOf(i);
  out[NOT_WANTED] = SLOT.unwanted;
  out[FROM_BEFORE] = before;
  return out;
}

/** The whole: everybody's pieces in their colours. */
export const WHOLE: Lens = lens((i) => i, SLOT.before);

/** Nobody's colour: what is there in grey. */
export const GREY: Lens = lens(() => SLOT.before, SLOT.before);

const own = Array.from({ length: MOST_IDENTITIES }, (_, mine) =>
  lens((i) => (i === mine ? i : SLOT.siblings), SLOT.siblings),
);

/** One identity's pieces in its colour, the others' in grey. */
export function ownLens(identity: number): Lens {
  return own[identity] ?? WHOLE;
}
