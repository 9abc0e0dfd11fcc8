import type { PeerSources } from '../discovery/peer-sources.ts';
import type { Swarm } from '../swarm/swarm.ts';
import type { MetadataClient } from './clients.ts';
import type { HostedPieces } from './hosted-pieces.ts';
import type { RestingSeed } from './resting-seed.ts';

/** What takes part in the swarm: the fetching of its metadata, or the client with its pieces. */
export type AwakeClient =
  MetadataClient | { readonly kind: 'pieces'; readonly swarm: Swarm; readonly pieces: HostedPieces };
/** The same, or what is left of it while nobody is there. */
export type Hosted = AwakeClient | { readonly kind: 'resting'; readonly swarm: RestingSeed };

export function sourcesOf(client: Hosted): PeerSources {
  return client.kind === 'resting' ? client.swarm.sources : client.swarm.core.sources;
}
