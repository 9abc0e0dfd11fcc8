import { MAX_IDENTITIES } from '../base/bounds.ts';
import type { AddOptions, DownloadOptions } from './download-options.ts';
import type { Category } from './list-rules.ts';
import type { Settings } from './settings.ts';
import type { RateLimits, Ways } from './statuses.ts';

/** Settings that a download begins with: all that bear the name of an option, but for those that hold beside the download's own. */
type BeginWith = Exclude<keyof Settings & keyof DownloadOptions, keyof Ways | keyof RateLimits | 'whenDone'>;

/** Options that say by what a download leaves. */
export const LINK_OPTIONS = ['links', 'bind', 'proxies'] as const satisfies readonly (keyof Settings &
  keyof DownloadOptions)[];
/** Links, addresses and proxies. */
export type LinkChoice = Pick<DownloadOptions, (typeof LINK_OPTIONS)[number]>;
type Identified = Pick<LinkChoice, 'links' | 'bind'>;

/** Links, addresses and proxies of a new download: those of its category, where that has any of its own. */
export function linksOfNew(settings: LinkChoice, own: Pick<Category, keyof LinkChoice> | undefined): LinkChoice {
  const { links, bind, proxies } = own ?? {};
  // Who names addresses alone means these alone, as before links had names.
  const named = links ?? (bind === undefined && proxies === undefined ? settings.links : []);
  return {
    links: named,
    bind: bind ?? (links === undefined ? settings.bind : []),
    proxies: proxies ?? settings.proxies,
  };
}

/** How many identities a new download begins with, where so many are usual: of one alone, one for each of several links and addresses. */
export function identitiesOfNew(usual: number, { links, bind }: Identified): number {
  return usual === 1 ? Math.min(MAX_IDENTITIES, Math.max(1, links.length + bind.length)) : usual;
}

/** How many identities, of which so many were chosen, go with other links and addresses: one for each where there was one for each before. */
export function identitiesWith(chosen: number, before: Identified, after: Identified): number {
  return chosen === identitiesOfNew(1, before) ? identitiesOfNew(1, after) : chosen;
}

/** What a new download in this category (empty: none) begins with where nobody has chosen otherwise. */
export function firstOptions(settings: Settings, category = ''): AddOptions & Pick<DownloadOptions, BeginWith> {
  const { folder, selection, share, layout, assemble, seed, port, gateways, maxUploads, maxPeers } = settings;
  const own = settings.categories.find(({ name }) => name === category);
  const ways = linksOfNew(settings, own);
  return {
    output: own?.folder ?? folder,
    identities: identitiesOfNew(own?.identities ?? settings.identities, ways),
    category,
    ...ways,
    selection,
    share,
    layout,
    assemble,
    seed,
    port,
    gateways,
    maxUploads,
    maxPeers,
  };
}
