import type { Claimer } from '../strategy/claims/claimer.ts';

/** One identity alone: every wanted piece is its own from the start, so there is nothing to ask or tell (A1). */
export class WholeClaimer implements Claimer {
  claim(): void {}
  release(): void {}
  verified(): void {}
  idle(): void {}
}
