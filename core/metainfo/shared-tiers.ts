import { remembered } from '../base/remembered.ts';

const BETWEEN = '\0';
const BETWEEN_TIERS = '\u0001';

/** Longer lists are as they are: what is shared stays in memory for a while when its torrents are gone. */
const MOST = 4096;

const tiersOf = remembered(256, (text): readonly (readonly string[])[] =>
  text.split(BETWEEN_TIERS).map((tier) => tier.split(BETWEEN)),
);

/** The same tiers of trackers, in memory once for all torrents that name the same: of thousands most have those of few trackers. */
export function sharedTiers(tiers: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (tiers.length === 0 || tiers.some((tier) => tier.length === 0)) return tiers;
  const text = tiers.map((tier) => tier.join(BETWEEN)).join(BETWEEN_TIERS);
  return text.length > MOST ? tiers : tiersOf(text);
}
