import type { Scenario } from '../scenario/scenario.ts';

type Capacity = Pick<Scenario, 'seeds' | 'leechers' | 'user'>;

/** Which share of all that everybody can upload, the user too, seeds can; undefined: somebody's line has no limit. */
export function seedShare({ seeds, leechers, user }: Capacity): number | undefined {
  const [ofSeeds, ofLeechers] = [capacityOf(seeds), capacityOf(leechers)];
  const lines = user.addresses === 'links' ? user.links : [user];
  const ofUser = Math.min(capacityOf(lines.map(({ up }) => ({ count: 1, up }))), user.limit || Infinity);
  const share = ofSeeds / (ofSeeds + ofLeechers + ofUser);
  return Number.isNaN(share) || ofLeechers + ofUser === Infinity ? undefined : share;
}

const capacityOf = (groups: readonly { readonly count: number; readonly up: number }[]): number =>
  groups.reduce((sum, { count, up }) => sum + (count === 0 ? 0 : count * (up || Infinity)), 0);
