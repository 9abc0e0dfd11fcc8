import { PEER_SOURCES, type PeerSourceKind } from '../base/peer-source.ts';
import type { SwarmStatus } from './statuses.ts';

/** What one source gave. */
export interface SourceCount {
  /** How many different peers it named. */
  readonly found: number;
  /** How many of its peers are connected. */
  readonly connected: number;
}

export type SourceCounts = { readonly [K in PeerSourceKind]?: SourceCount };

/** What each source gave an identity, in the order of `PEER_SOURCES`; those that gave nothing are left out. */
export function sourceCounts({ sources, connected }: Pick<SwarmStatus, 'sources' | 'connected'>): SourceCounts {
  const out: { [K in PeerSourceKind]?: SourceCount } = {};
  for (const kind of PEER_SOURCES) {
    const source = sources.find((one) => one.kind === kind);
    // Servers are no peers that somebody names: they have a status of their own.
    const found = source === undefined || source.kind === 'web' ? 0 : source.found;
    const here = connected[kind] ?? 0;
    if (found > 0 || here > 0) out[kind] = { found, connected: here };
  }
  return out;
}
