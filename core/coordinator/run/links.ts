import { parseProxyUrl } from '../../base/proxy-url.ts';
import { linkStandIn } from '../../base/stand-in.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { ProxyChoice } from '../../identity/messages.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { bindAddresses } from './bind-addresses.ts';

/** How an identity leaves. */
export interface MemberLink {
  /** The local address that everything is bound to; behind a proxy the one that stands for that; undefined: the system chooses. */
  readonly address: string | undefined;
  /** The proxy by which alone it leaves. */
  readonly proxy?: ProxyChoice;
}

/**
 * The link of each of `count` identities: addresses and proxies are dealt in turn, each list by itself, and a proxy is reached from
 * the address of its identity alone. `strict`: see `bindAddresses`.
 */
export function linksOf(
  interfaces: Pick<Interfaces, 'list'>,
  { bind, proxies }: Pick<DownloadOptions, 'bind' | 'proxies'>,
  count: number,
  strict: boolean,
): MemberLink[] {
  return bindAddresses(interfaces, bind, count, strict).map((address, i) => {
    const url = proxies[i % proxies.length];
    if (url === undefined) return { address };
    const from = bind[i % bind.length];
    // A new password makes no other link.
    const { password: _, ...place } = parseProxyUrl(url) ?? {};
    return {
      address: linkStandIn(JSON.stringify([place, from])),
      proxy: { url, ...(from !== undefined && { from }) },
    };
  });
}
