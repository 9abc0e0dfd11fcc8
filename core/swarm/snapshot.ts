import { bitLine } from '../base/bit-line.ts';
import type { Bytes, BytesPerSecond, Millis } from '../base/ids.ts';
import {
  LINE_CELLS,
  type PeerStatus,
  type ConnectedBySource,
  type SourceStatus,
  type SwarmStatus,
} from '../engine/statuses.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

interface Rest {
  readonly state: SwarmStatus['state'];
  readonly peers: number;
  readonly reached: boolean;
  readonly sources: readonly SourceStatus[];
  /** Rows of sources of blocks that are no peers. */
  readonly others: readonly PeerStatus[];
  readonly connected: ConnectedBySource;
  readonly withPeers: boolean;
}

/** One identity in one download, as the coordinator shows it. */
export function statusOf(swarm: SwarmState, rest: Rest): SwarmStatus {
  const now = swarm.ports.clock.now();
  const { picker, totals, self } = swarm;
  const begun = new Uint32Array(picker.begun.size);
  const begunFill = new Uint8Array(picker.begun.size);
  let i = 0;
  for (const entry of picker.begun.values()) {
    begun[i] = entry.piece;
    begunFill[i++] = Math.round((255 * entry.received) / entry.blocks);
  }
  let down = 0;
  let up = 0;
  let seeds = 0;
  let punched = 0;
  let useful = 0;
  let choking = 0;
  for (const source of swarm.sources) down += source.down.rate(now);
  for (const peer of swarm.peers) {
    up += peer.up.rate(now);
    if (peer.isSeed) seeds++;
    if (peer.link.punched) punched++;
    if (!peer.amInterested) continue;
    useful++;
    if (peer.peerChoking) choking++;
  }
  const endpoint = self.endpoint();
  return {
    key: self.key,
    state: rest.state,
    ...(endpoint === undefined ? {} : { endpoint }),
    down: down as BytesPerSecond,
    up: up as BytesPerSecond,
    downloaded: totals.downloaded as Bytes,
    uploaded: totals.uploaded as Bytes,
    wasted: totals.wasted as Bytes,
    peers: rest.peers,
    seeds,
    punched,
    useful,
    choking,
    reachability: rest.reached ? { kind: 'reached', mapping: self.mapping() } : self.mapping(),
    begun,
    begunFill,
    sources: rest.sources,
    connected: rest.connected,
    ...(rest.withPeers ? { peerList: [...[...swarm.peers].map((peer) => peerStatus(peer, now)), ...rest.others] } : {}),
  };
}

function peerStatus(peer: SwarmPeer, now: Millis): PeerStatus {
  return {
    endpoint: peer.link.endpoint,
    client: peer.link.client,
    source: peer.link.source,
    incoming: peer.session.incoming,
    transport: peer.session.transport,
    encryption: peer.session.encryption,
    punched: peer.link.punched,
    down: peer.down.rate(now),
    up: peer.up.rate(now),
    downloaded: peer.down.total as Bytes,
    uploaded: peer.up.total as Bytes,
    progress: peer.pieces.length === 0 ? 0 : peer.pieces.count / peer.pieces.length,
    amInterested: peer.amInterested,
    amChoking: peer.amChoking,
    peerInterested: peer.peerInterested,
    peerChoking: peer.peerChoking,
    snubbed: peer.snubbed,
    optimistic: peer.optimistic,
    uploadOnly: peer.link.handshake?.uploadOnly === true,
    pieces: bitLine(peer.pieces, LINE_CELLS),
  };
}
