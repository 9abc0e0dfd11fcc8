import { failureOf } from '../base/errors.ts';
import type { BytesPerSecond } from '../base/ids.ts';
import type { MetadataSwarm } from '../swarm/metadata-swarm.ts';
import type { DownloadSetup, AboutDownloads } from './messages.ts';
import type { MappingStatus, SwarmStatus } from '../engine/statuses.ts';

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
  const none = 0 as BytesPerSecond;
  return {
    key: setup.key,
    state,
    down: none,
    up: none,
    downloaded: 0 as never,
    uploaded: 0 as never,
    wasted: 0 as never,
    peers: swarm.core.pool.size,
    seeds: 0,
    punched: 0,
    useful: 0,
    choking: 0,
    reachability: swarm.core.pool.reachable ? { kind: 'reached', mapping } : mapping,
    begun: new Uint32Array(0),
    begunFill: new Uint8Array(0),
    sources: swarm.core.sourceStatus(),
    connected: swarm.core.connected(),
  };
}
