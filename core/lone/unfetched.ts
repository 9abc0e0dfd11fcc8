import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { fixedRest, restText } from '../strategy/claims/fixed-rest.ts';

interface FixedRanges {
  readonly own: IdentityIndex;
  /** K. */
  readonly count: number;
  readonly pieceCount: number;
  /** Siblings that are known to live. */
  readonly alive: ReadonlySet<IdentityIndex>;
}

/** Warnings of fixed ranges whose identities died or are not done: nobody takes them over, so that the user has to know. */
export function unfetched(ranges: FixedRanges, isMissing: (piece: PieceIndex) => boolean): string[] {
  const { own, count, pieceCount, alive } = ranges;
  const rests = fixedRest(count, pieceCount, (p) => isMissing(p as PieceIndex)).filter((rest) => rest.identity !== own);
  return rests.map((rest) => {
    const what = restText(rest, count);
    const help = 'run it again, or this one with --take-over';
    // An identity that has just died is not known to be dead yet.
    if (alive.has(rest.identity)) return `Still to come: ${what}. Should that one have died, ${help}.`;
    return `Missing: ${what}, which is not running. Nobody else fetches them: ${help}.`;
  });
}
