import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { fixedRest, restText } from '../strategy/fixed-rest.ts';

interface FixedRanges {
  readonly own: IdentityIndex;
  /** K. */
  readonly count: number;
  readonly pieceCount: number;
  /** Siblings that live, as far as is known. */
  readonly alive: ReadonlySet<IdentityIndex>;
}

/** Fixed ranges that nobody takes over stay as they are where their identity died: what the user has to know of them. */
export function unfetched(ranges: FixedRanges, isMissing: (piece: PieceIndex) => boolean): string[] {
  const { own, count, pieceCount, alive } = ranges;
  const rests = fixedRest(count, pieceCount, (p) => isMissing(p as PieceIndex)).filter((rest) => rest.identity !== own);
  return rests.map((rest) => {
    const what = restText(rest, count);
    const help = 'run it again, or this one with --take-over';
    // One that died a moment ago is not known to be dead yet.
    if (alive.has(rest.identity)) return `Still to come: ${what}. Should that one have died, ${help}.`;
    return `Missing: ${what}, which is not running. Nobody else fetches them: ${help}.`;
  });
}
