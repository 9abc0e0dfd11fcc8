import { type IdentityIndex, identityIndex } from '../../base/ids.ts';
import { fixedRange } from './fixed-range.ts';

/** What is missing of the range of one identity. */
export interface FixedRest {
  readonly identity: IdentityIndex;
  /** Its range, without `end`. */
  readonly first: number;
  readonly end: number;
  /** How many pieces of it are missing. */
  readonly missing: number;
}

/** Whose fixed ranges (A6) are not all there. */
export function fixedRest(count: number, pieceCount: number, isMissing: (piece: number) => boolean): FixedRest[] {
  const out: FixedRest[] = [];
  for (let i = 0; i < count; i++) {
    const identity = identityIndex(i);
    const { first, end } = fixedRange(identity, count, pieceCount);
    let missing = 0;
    for (let p = first; p < end; p++) if (isMissing(p)) missing++;
    if (missing > 0) out.push({ identity, first, end, missing });
  }
  return out;
}

/** Says it: `34 of the pieces 20 to 59 of identity 1 (--index 1 --count 3)`. */
export function restText({ identity, first, end, missing }: FixedRest, count: number): string {
  const range = end - first === 1 ? `piece ${first}` : `${missing} of the pieces ${first} to ${end - 1}`;
  return `${range} of identity ${identity} (--index ${identity} --count ${count})`;
}
