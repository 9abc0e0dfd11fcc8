import { MAX_IDENTITIES } from '../base/bounds.ts';
import type { AddOptions } from './download-options.ts';
import type { Settings } from './settings.ts';

/** What a new download in this category (empty: none) begins with where nobody has chosen otherwise. */
export function firstOptions(settings: Settings, category = ''): AddOptions {
  const { folder, selection, share, layout, assemble, seed, port, gateways, maxUploads, maxPeers } = settings;
  const own = settings.categories.find(({ name }) => name === category);
  const bind = own?.bind ?? settings.bind;
  const usual = own?.identities ?? settings.identities;
  return {
    output: own?.folder ?? folder,
    // An identity for each of several addresses that the user chose.
    identities: usual === 1 ? Math.min(MAX_IDENTITIES, Math.max(1, bind.length)) : usual,
    proxies: own?.proxies ?? settings.proxies,
    category,
    bind,
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
