import type { Rng } from '../../base/ids.ts';
import { shuffled } from '../../base/shuffled.ts';

/** The tiers with the trackers of each in random order, so that a torrent's clients spread over them (BEP 12). Done once a run. */
export function shuffleTiers<T>(tiers: readonly (readonly T[])[], rng: Rng): T[][] {
  return tiers.map((tier) => shuffled(tier, rng));
}

/** Tiers with a tracker that answered moved to the front of its tier (BEP 12). */
export function promoteTracker<T>(tiers: readonly (readonly T[])[], tracker: T): T[][] {
  return tiers.map((tier) =>
    tier.includes(tracker) ? [tracker, ...tier.filter((other) => other !== tracker)] : [...tier],
  );
}
