import type { IdentityIndex, TorrentKey } from '../../base/ids.ts';
import type { LinkProfile } from '../../engine/link-profiles.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import { divideLimit } from '../../strategy/upload/divide-limit.ts';
import { GROWTH, UNLIMITED } from '../run/limits.ts';
import type { Member } from '../run/member.ts';

/** Those who may leave by a link. */
interface Travelling {
  readonly key: TorrentKey;
  readonly members: readonly Pick<Member, 'index' | 'link' | 'taking' | 'down' | 'up'>[];
}

/** Divides the limits of each link among the identities that leave by it, over all downloads, by what each could use. */
export class LinkLimits {
  #parts: ReadonlyMap<TorrentKey, ReadonlyMap<IdentityIndex, RateLimits>> = new Map();

  /** The limits that its link leaves to an identity; 0: none. */
  of(key: TorrentKey, index: IdentityIndex): RateLimits {
    return this.#parts.get(key)?.get(index) ?? UNLIMITED;
  }

  /** `profiles`: those with limits. About once a second. */
  divide(profiles: readonly Pick<LinkProfile, 'name' | 'down' | 'up'>[], downloads: Iterable<Travelling>): void {
    const limited = new Map(profiles.map((one) => [one.name, one]));
    const parts = new Map<TorrentKey, Map<IdentityIndex, RateLimits>>();
    this.#parts = parts;
    if (limited.size === 0) return;
    const byLink = new Map<string, { readonly key: TorrentKey; readonly member: Travelling['members'][number] }[]>();
    for (const { key, members } of downloads) {
      for (const member of members) {
        const { name = '' } = member.link;
        if (!member.taking || !limited.has(name)) continue;
        const those = byLink.get(name);
        if (those === undefined) byLink.set(name, [{ key, member }]);
        else those.push({ key, member });
      }
    }
    for (const [name, those] of byLink) {
      const { down: most, up: mostUp } = limited.get(name) ?? UNLIMITED;
      const down = divideLimit(most, those.map(({ member }) => member.down * GROWTH)); // prettier-ignore
      const up = divideLimit(mostUp, those.map(({ member }) => member.up * GROWTH)); // prettier-ignore
      those.forEach(({ key, member }, i) => {
        const own = parts.get(key) ?? new Map<IdentityIndex, RateLimits>();
        parts.set(key, own);
        own.set(member.index, { down: down[i] ?? UNLIMITED.down, up: up[i] ?? UNLIMITED.up });
      });
    }
  }
}
