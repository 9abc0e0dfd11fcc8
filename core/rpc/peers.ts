import { PEER_SOURCES, type PeerSourceKind } from '../base/peer-source.ts';
import type { IdentitySnapshot, PeerSnapshot } from '../engine/engine.ts';
import type { Json } from './json.ts';

/** `peers`, and which identity each is a peer of. */
export function peerEntry(peer: PeerSnapshot): Json {
  const { endpoint, down, up } = peer;
  return {
    address: endpoint.host,
    port: endpoint.port,
    clientName: peer.client,
    clientIsChoked: peer.peerChoking,
    clientIsInterested: peer.amInterested,
    flagStr: flagsOf(peer),
    isDownloadingFrom: sendsToUs(peer),
    isEncrypted: peer.encryption !== 'plain',
    isIncoming: peer.incoming,
    isUploadingTo: getsFromUs(peer),
    isUTP: peer.transport === 'utp',
    peerIsChoked: peer.amChoking,
    peerIsInterested: peer.peerInterested,
    progress: peer.progress,
    rateToClient: Math.round(down),
    rateToPeer: Math.round(up),
    identity: peer.identity,
  };
}

export const sendsToUs = ({ amInterested, peerChoking, down }: PeerSnapshot): boolean =>
  amInterested && !peerChoking && down > 0;
export const getsFromUs = ({ peerInterested, amChoking, up }: PeerSnapshot): boolean =>
  peerInterested && !amChoking && up > 0;

/** The letters that Transmission's clients explain in their help. */
function flagsOf(peer: PeerSnapshot): string {
  const { amInterested, peerChoking, peerInterested, amChoking, source } = peer;
  return [
    peer.optimistic ? 'O' : '',
    sendsToUs(peer) ? 'D' : amInterested ? 'd' : '',
    getsFromUs(peer) ? 'U' : peerInterested ? 'u' : '',
    !peerChoking && !amInterested ? 'K' : '',
    !amChoking && !peerInterested ? '?' : '',
    peer.encryption === 'plain' ? '' : 'E',
    source === 'dht' ? 'H' : source === 'pex' ? 'X' : '',
    peer.incoming ? 'I' : '',
    peer.transport === 'utp' ? 'T' : '',
  ].join('');
}

/** Under which name Transmission counts the peers of a source; undefined: it counts them nowhere. */
const COUNTED_AS = {
  user: 'fromCache',
  magnet: 'fromCache',
  tracker: 'fromTracker',
  dht: 'fromDht',
  pex: 'fromPex',
  lsd: 'fromLpd',
  web: undefined,
  incoming: 'fromIncoming',
} as const satisfies Record<PeerSourceKind, string | undefined>;

/** `peersFrom`: how many connected peers came from where. */
export function peersFrom(identities: readonly IdentitySnapshot[]): Json {
  const counts = { fromCache: 0, fromDht: 0, fromIncoming: 0, fromLpd: 0, fromLtep: 0, fromPex: 0, fromTracker: 0 };
  for (const { sources } of identities) {
    for (const source of PEER_SOURCES) {
      const name = COUNTED_AS[source];
      if (name !== undefined) counts[name] += sources[source]?.connected ?? 0;
    }
  }
  return counts;
}
