import { parseProxyUrl } from '../../base/proxy-url.ts';
import { linkStandIn } from '../../base/stand-in.ts';
import type { LinkChoice } from '../../engine/first-options.ts';
import type { LinkProfile, LinkRole, LinkWait } from '../../engine/link-profiles.ts';
import { profileOf } from '../../engine/link-way.ts';
import type { ProxyChoice } from '../../identity/messages.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { addressOf, isHere } from './bind-addresses.ts';

/** How an identity leaves. */
export interface MemberLink {
  /** The local address that everything is bound to; behind a proxy the one that stands for that; undefined: the system chooses. */
  readonly address: string | undefined;
  /** The proxy by which alone it leaves. */
  readonly proxy?: ProxyChoice;
  /** What the user calls the link. */
  readonly name?: string;
  readonly role?: LinkRole;
  /** Why it cannot be used now: then `address` is none of this machine's, and the identity waits as for one that is gone. */
  readonly wait?: LinkWait;
}

/** A link that has a name, as it is now. */
export interface NamedLink {
  readonly profile: LinkProfile;
  /** Why it is not to be used now. */
  readonly wait?: LinkWait;
}

/** The links that have names. */
export interface NamedLinks {
  link(name: string): NamedLink | undefined;
  readonly profiles: readonly LinkProfile[];
}

export const NO_LINKS: NamedLinks = { link: () => undefined, profiles: [] };

/** What an identity leaves by, as it was chosen. */

/** How links are worked out. */
interface Working {
  readonly interfaces: Pick<Interfaces, 'list'>;
  readonly named: NamedLinks;
  /** What this machine or the settings do not have is refused with EnsembleError('usage'); a link that is not to be used now is not. */
  readonly strict: boolean;
}

/**
 * The link of each of `count` identities. Links with names and addresses are one list, dealt in turn, and so are proxies; a proxy is reached
 * from the address of its identity alone. `before`: the links that they have, whose addresses they keep where interfaces still have them.
 */
export function linksOf(
  working: Working,
  { links, bind, proxies }: LinkChoice,
  count: number,
  before: readonly MemberLink[] = [],
): MemberLink[] {
  const ways = links.length + bind.length;
  return Array.from({ length: count }, (_, i) => {
    const at = i % ways;
    const name = links[at];
    const url = proxies[i % proxies.length];
    if (name !== undefined) return namedLink(working, name, url, before[i]);
    return plainLink(working, bind[at - links.length], url, before[i]);
  });
}

/** Whether two links that were worked out are the same in all. */
export function sameLink(a: MemberLink | undefined, b: MemberLink | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function plainLink(
  { interfaces, strict }: Working,
  from: string | undefined,
  url: string | undefined,
  before: MemberLink | undefined,
): MemberLink {
  const address = from === undefined ? undefined : addressOf(interfaces, from, strict, before?.address);
  if (url !== undefined) return proxied(url, from);
  if (from === undefined || isHere(interfaces, from)) return { address };
  return { address, wait: { kind: 'gone', at: from } };
}

function namedLink(
  working: Working,
  name: string,
  url: string | undefined,
  before: MemberLink | undefined,
): MemberLink {
  const { named, interfaces } = working;
  const found = named.link(name);
  if (found === undefined) {
    if (working.strict) profileOf(name, named.profiles);
    return { address: notNow(name), name, wait: { kind: 'no-profile' } };
  }
  const { profile, wait } = found;
  const { role, bind, proxy = url } = profile;
  if (wait !== undefined) return { address: notNow(name), name, role, wait };
  return { ...plainLink({ ...working, interfaces, strict: false }, bind, proxy, before), name, role };
}

function proxied(url: string, from: string | undefined): MemberLink {
  // A new password makes no other link.
  const { password: _, ...place } = parseProxyUrl(url) ?? {};
  return {
    address: linkStandIn(JSON.stringify([place, from])),
    proxy: { url, ...(from !== undefined && { from }) },
  };
}

/** Stands for the address of a link that is not to be used now: no machine has such an address or interface. */
const notNow = (name: string): string => `link/${name}`;
