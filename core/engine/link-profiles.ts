import * as v from 'valibot';
import type { Bytes } from '../base/ids.ts';
import type { RateLimits } from './statuses.ts';
import { byteCount, type Frozen, host, linkName, MAX_LINKS, proxyUrl, rate, whole } from './values.ts';

/** What a link is used for. */
export const LINK_ROLES = ['both', 'fetch', 'seed'] as const;
export type LinkRole = (typeof LINK_ROLES)[number];

/** Minutes after midnight, local time. */
const minute = whole(0, 24 * 60 - 1);

/** When a link is used: always, while another interface has an address (`up`) or has none (`down`), or between two times of the day. */
const linkCondition = v.variant('kind', [
  v.object({ kind: v.literal('always') }),
  v.object({ kind: v.literal('up'), interface: host }),
  v.object({ kind: v.literal('down'), interface: host }),
  v.object({ kind: v.literal('hours'), from: minute, to: minute }),
]);
export type LinkCondition = Frozen<v.InferOutput<typeof linkCondition>>;

/** A way out of this machine that has a name, and what holds for all that leaves by it. */
const linkProfile = v.pipe(
  v.object({
    name: linkName,
    /** A local address or an interface; missing: where the system reaches the proxy from. */
    bind: v.exactOptional(host),
    /** By which alone it leads. */
    proxy: v.exactOptional(proxyUrl),
    /** Limits of all downloads together; 0: none. */
    down: rate,
    up: rate,
    role: v.picklist(LINK_ROLES),
    when: linkCondition,
    /** It may carry so many bytes a month, which begins on this day. */
    metered: v.exactOptional(v.object({ allowance: byteCount, day: whole(1, 28) })),
  }),
  v.check(({ bind, proxy }) => bind !== undefined || proxy !== undefined, 'neither an address nor a proxy'),
);
export type LinkProfile = Frozen<v.InferOutput<typeof linkProfile>>;

export const linkProfiles = v.pipe(
  v.array(linkProfile),
  v.maxLength(MAX_LINKS),
  v.check((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two of the same name'),
);

/** Why a link is not used now. */
export type LinkWait =
  /** There is no link of this name any more. */
  | { readonly kind: 'no-profile' }
  /** This address or interface is not there. */
  | { readonly kind: 'gone'; readonly at: string }
  | Exclude<LinkCondition, { kind: 'always' }>
  /** What it may carry in this month is used up. */
  | { readonly kind: 'allowance'; readonly allowance: Bytes };

/** A link as it fares: one that has a name, or an address that a download uses. */
export interface LinkSnapshot {
  readonly name?: string;
  /** The address, interface or proxy (without its password) that it was given; empty: the system chooses. */
  readonly at: string;
  /** The local address that it has now. */
  readonly address?: string;
  /** How others see that from outside, as trackers, peers or the router say. */
  readonly outside?: string;
  readonly role: LinkRole;
  readonly wait?: LinkWait;
  /** Identities that use it now. */
  readonly identities: number;
  readonly rate: RateLimits;
  /** Payload since the program began. */
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  /** What a metered one carried in this month, and may carry. */
  readonly month?: { readonly used: Bytes; readonly allowance: Bytes };
}
