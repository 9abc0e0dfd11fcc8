import { failureOf } from '../base/errors.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { Bytes } from '../base/ids.ts';
import type { MetadataSwarm } from '../swarm/metadata-swarm.ts';
import type { DownloadSetup, AboutDownloads } from './messages.ts';
import { type MappingStatus, type RestingStatus, type SwarmStatus, wholeStatus } from '../engine/statuses.ts';
import type { RestingSeed } from './resting-seed.ts';

/** The message for an error. */
export function failedMessage(key: DownloadSetup['key'], error: unknown): AboutDownloads {
  return { type: 'failed', key, ...failureOf(error) };
}

/** The status of a download without metadata. */
export function metadataStatus(
  setup: DownloadSetup,
  swarm: MetadataSwarm,
  mapping: MappingStatus,
  state: SwarmStatus['state'],
): SwarmStatus {
  const none = 0 as Bytes;
  const reachability = swarm.core.pool.reachable ? ({ kind: 'reached', mapping } as const) : mapping;
  const sources = swarm.core.sourceStatus();
  return {
    ...wholeStatus({ key: setup.key, state, downloaded: none, uploaded: none, wasted: none, reachability, sources }),
    peers: swarm.core.pool.size,
    connected: swarm.core.connected(),
  };
}

/** The status of a seed that nobody is connected with. */
export function restingStatus(
  setup: DownloadSetup,
  { rested, sources, isPrivate }: RestingSeed,
  { local, mapping }: { readonly local: Endpoint | undefined; readonly mapping: MappingStatus },
  { state, pex }: { readonly state: SwarmStatus['state']; readonly pex: boolean },
): RestingStatus {
  const { downloaded, uploaded, wasted } = rested.totals;
  const found = [...sources.status()];
  if (pex && !isPrivate) found.push({ kind: 'pex', found: rested.exchanged });
  const status: RestingStatus = {
    key: setup.key,
    state,
    downloaded: downloaded as Bytes,
    uploaded: uploaded as Bytes,
    wasted: wasted as Bytes,
    reachability: rested.reached ? { kind: 'reached', mapping } : mapping,
    sources: found,
  };
  return local === undefined ? status : { ...status, endpoint: local };
}
