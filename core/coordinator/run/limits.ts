import { bytesPerSecond, type BytesPerSecond, type IdentityIndex, type TorrentKey } from '../../base/ids.ts';
import { lowerLimit } from '../../base/lower-limit.ts';
import type { ListRules } from '../../engine/list-rules.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import { divideLimit } from '../../strategy/upload/divide-limit.ts';
import type { WebUploads } from './web-uploads.ts';

/** The factor by which an identity may grow over its present rate before the next division. */
export const GROWTH = 1.3;
/** Changes of a limit below this part of it are not worth a message. */
const WORTH = 0.05;

/** The present rates of one of those that share a limit. */
export interface Share {
  readonly index: IdentityIndex;
  readonly down: number;
  readonly up: number;
}

/** The present rates of each process, over all downloads. */
function sharesOf(
  running: readonly IdentityIndex[],
  downloads: Iterable<{ readonly members: readonly Share[] }>,
): Share[] {
  const sums = new Map(running.map((index) => [index, { index, down: 0, up: 0 }]));
  for (const { members } of downloads) {
    for (const { index, down, up } of members) {
      const sum = sums.get(index);
      if (sum === undefined) continue;
      sum.down += down;
      sum.up += up;
    }
  }
  return [...sums.values()];
}

const NOBODY: ReadonlyMap<IdentityIndex, RateLimits> = new Map();

/**
 * Divides limits among those that share them, by what each could use (B16), about once a second. Remembers the last division, so
 * that only real changes are sent.
 */
class LimitDivider {
  #last: ReadonlyMap<IdentityIndex, RateLimits> = NOBODY;
  #web = bytesPerSecond(0);

  /** The present limit of what is uploaded by HTTP. */
  get web(): BytesPerSecond {
    return this.#web;
  }

  /** The present limit of one: its part, and never more than `each`. */
  limitOf(index: IdentityIndex): RateLimits {
    return this.#last.get(index) ?? { down: bytesPerSecond(0), up: bytesPerSecond(0) };
  }

  /** Returns those whose limit has changed. `total` and `each` (of one): 0 means none. `web`: see `WebUploads.demand`. */
  divide(
    total: RateLimits,
    each: (index: IdentityIndex) => RateLimits,
    shares: readonly Share[],
    web: number | undefined,
  ): IdentityIndex[] {
    // Most are limited by nothing: then there is nothing to divide, and nothing to remember of thousands.
    if (this.#last.size === 0 && isNone(total) && shares.every(({ index }) => isNone(each(index)))) return [];
    const down = divideLimit(total.down, shares.map((share) => share.down * GROWTH)); // prettier-ignore
    const uploading = [...shares.map((share) => share.up), ...(web === undefined ? [] : [web])];
    const up = divideLimit(total.up, uploading.map((rate) => rate * GROWTH)); // prettier-ignore
    this.#web = up[shares.length] ?? bytesPerSecond(0);
    const changed: IdentityIndex[] = [];
    const next = new Map<IdentityIndex, RateLimits>();
    shares.forEach(({ index }, i) => {
      const own = each(index);
      const limits = { down: lowerLimit(down[i] ?? 0, own.down), up: lowerLimit(up[i] ?? 0, own.up) };
      const last = this.#last.get(index);
      if (last !== undefined && near(last.down, limits.down) && near(last.up, limits.up)) next.set(index, last);
      else {
        next.set(index, limits);
        changed.push(index);
      }
    });
    this.#last = next;
    return changed;
  }
}

export const UNLIMITED: RateLimits = { down: bytesPerSecond(0), up: bytesPerSecond(0) };

/** Something with limits of its own, or of its category. */
export interface Limited {
  readonly key: TorrentKey;
  readonly options: RateLimits & {
    readonly identityDown: BytesPerSecond;
    readonly identityUp: BytesPerSecond;
    readonly category: string;
  };
  readonly members: readonly (Share & { readonly taking: boolean })[];
  /** What it uploads by HTTP. */
  readonly web: Pick<WebUploads, 'demand'>;
}

/** The limits of a download: where it has none of its own, those that its category gives to each of its downloads. */
export function limitsIn({ down, up, category }: Limited['options'], categories: ListRules['categories']): RateLimits {
  if (category === '' || (down > 0 && up > 0)) return { down, up };
  const rules = categories.find(({ name }) => name === category);
  return { down: down > 0 ? down : (rules?.down ?? down), up: up > 0 ? up : (rules?.up ?? up) };
}

/** The present division of all limits: those of each download among its identities, and those of the program among its processes. */
export class Limits {
  readonly #downloads = new Map<TorrentKey, LimitDivider>();
  readonly #processes = new LimitDivider();

  /** The limits of an identity in one download. */
  limitOf(key: TorrentKey, index: IdentityIndex): RateLimits {
    return this.#downloads.get(key)?.limitOf(index) ?? UNLIMITED;
  }

  /** The limits of a process over all downloads. */
  ofProcess(index: IdentityIndex): RateLimits {
    return this.#processes.limitOf(index);
  }

  /** The limit of what a download uploads by HTTP; without a key of what all of them do. */
  ofWeb(key?: TorrentKey): BytesPerSecond {
    return (key === undefined ? this.#processes : this.#downloads.get(key))?.web ?? UNLIMITED.up;
  }

  /** Returns those of its identities whose limits have changed. `linkOf`: what its link leaves to one. */
  divide(
    { key, options, members, web }: Limited,
    categories: ListRules['categories'],
    linkOf: (index: IdentityIndex) => RateLimits = () => UNLIMITED,
  ): IdentityIndex[] {
    const { identityDown, identityUp } = options;
    let divider = this.#downloads.get(key);
    if (divider === undefined) this.#downloads.set(key, (divider = new LimitDivider()));
    const sharing = members.filter((member) => member.taking);
    return divider.divide(
      limitsIn(options, categories),
      (index) => {
        const { down, up } = linkOf(index);
        return { down: lowerLimit(down, identityDown), up: lowerLimit(up, identityUp) };
      },
      sharing.length > 0 ? sharing : members,
      web.demand,
    );
  }

  divideProcesses(total: RateLimits, running: readonly IdentityIndex[], downloads: Iterable<Limited>): void {
    let web: number | undefined;
    for (const { web: its } of downloads) {
      const { demand } = its;
      if (demand !== undefined) web = (web ?? 0) + demand;
    }
    this.#processes.divide(total, () => UNLIMITED, sharesOf(running, downloads), web);
  }

  forget(key: TorrentKey): void {
    this.#downloads.delete(key);
  }
}

const isNone = ({ down, up }: RateLimits): boolean => down === 0 && up === 0;

function near(a: number, b: number): boolean {
  return a === b || (a > 0 && b > 0 && Math.abs(a - b) <= WORTH * Math.max(a, b));
}
