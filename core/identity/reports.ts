import { failureOf } from '../base/errors.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { Bytes, BytesPerSecond } from '../base/ids.ts';
import type { MetadataSwarm } from '../swarm/metadata-swarm.ts';
import type { DownloadSetup, AboutDownloads } from './messages.ts';
import type { MappingStatus, SwarmStatus } from '../engine/statuses.ts';
import type { RestingSeed } from './resting-seed.ts';

const NONE_BEGUN = new Uint32Array(0);
const NO_FILL = new Uint8Array(0);

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
  return {
    ...nothing(setup, state),
    peers: swarm.core.pool.size,
    reachability: swarm.core.pool.reachable ? { kind: 'reached', mapping } : mapping,
    sources: swarm.core.sourceStatus(),
    connected: swarm.core.connected(),
  };
}

/** The status of a seed that nobody is connected with. */
export function restingStatus(
  setup: DownloadSetup,
  { rested, sources, isPrivate }: RestingSeed,
  { local, mapping }: { readonly local: Endpoint | undefined; readonly mapping: MappingStatus },
  { state, pex }: { readonly state: SwarmStatus['state']; readonly pex: boolean },
): SwarmStatus {
  const { downloaded, uploaded, wasted } = rested.totals;
  const exchange = { kind: 'pex', found: rested.exchanged } as const;
  return {
    ...nothing(setup, state),
    ...(local !== undefined && { endpoint: local }),
    downloaded: downloaded as Bytes,
    uploaded: uploaded as Bytes,
    wasted: wasted as Bytes,
    reachability: rested.reached ? { kind: 'reached', mapping } : mapping,
    sources: [...sources.status(), ...(pex && !isPrivate ? [exchange] : [])],
  };
}

/** Of one where nothing goes on. */
function nothing({ key }: DownloadSetup, state: SwarmStatus['state']): Omit<SwarmStatus, 'reachability'> {
  const none = 0 as BytesPerSecond;
  const bytes = 0 as Bytes;
  return {
    key,
    state,
    down: none,
    up: none,
    downloaded: bytes,
    uploaded: bytes,
    wasted: bytes,
    peers: 0,
    seeds: 0,
    punched: 0,
    useful: 0,
    choking: 0,
    begun: NONE_BEGUN,
    begunFill: NO_FILL,
    sources: [],
    connected: {},
  };
}
