import { uniqueTiers } from './announce-urls.ts';
import { parseTorrent } from './parse-torrent.ts';

/** Who has a torrent, as a torrent file or a link names them: trackers in tiers (BEP 12) and web seeds (BEP 19). */
export interface NamedSources {
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds?: readonly string[];
}

/** Most web seeds of a torrent. */
const MAX_WEB_SEEDS = 256;

/** Whom a torrent file names; nobody where it cannot be read. */
export function sourcesNamedIn(file: Uint8Array): Required<NamedSources> {
  try {
    const { trackers, webSeeds } = parseTorrent(file);
    return { trackers, webSeeds };
  } catch {
    return { trackers: [], webSeeds: [] };
  }
}

/** The same with those that somebody else names besides, who come after them. */
export function withSources<T extends NamedSources>(known: T, more: NamedSources): T {
  const webSeeds = [...new Set([...(known.webSeeds ?? []), ...(more.webSeeds ?? [])])].slice(0, MAX_WEB_SEEDS);
  return {
    ...known,
    trackers: uniqueTiers([...known.trackers, ...more.trackers]),
    ...(webSeeds.length > 0 && { webSeeds }),
  };
}
