import type { Endpoint } from './endpoint.ts';

/**
 * How we came to know a peer: the user, the magnet link or a tracker named it, the DHT knew it, another peer told of it, it is
 * in our own network, it is a server that the torrent names (a web seed), or it dialled us. A new source is one more word
 * here, and the compiler names the places that have to know it.
 */
export const PEER_SOURCES = ['user', 'magnet', 'tracker', 'dht', 'pex', 'lsd', 'web', 'incoming'] as const;

export type PeerSourceKind = (typeof PEER_SOURCES)[number];

/** A peer that somebody named. */
export interface NamedPeer extends Endpoint {
  /** Perhaps it does not listen on this port: it is dialled after others. */
  readonly unsure?: boolean;
  /** Whoever named it was dialled by it over uTP: over TCP it may not be reached. */
  readonly overUtp?: boolean;
  /** It was found in a hybrid's swarm of version 2 (BEP 52): it knows the torrent by that hash, perhaps by no other. */
  readonly v2?: boolean;
}

/** A peer that may be dialled, and who named it. */
export interface FoundPeer extends NamedPeer {
  readonly source: PeerSourceKind;
}

export function foundBy(source: PeerSourceKind, peers: readonly NamedPeer[]): FoundPeer[] {
  return peers.map(({ host, port, unsure, ...facts }) => ({
    host,
    port,
    source,
    ...(unsure === true && { unsure }),
    ...lastingFacts(facts),
  }));
}

/** What holds of a peer from the first time that somebody says so. */
export function lastingFacts(
  ...named: readonly (Omit<NamedPeer, keyof Endpoint> | undefined)[]
): Pick<NamedPeer, 'overUtp' | 'v2'> {
  return {
    ...(named.some((one) => one?.overUtp === true) && { overUtp: true }),
    ...(named.some((one) => one?.v2 === true) && { v2: true }),
  };
}

/**
 * Whether a private torrent may have the peer (BEP 27): its trackers or the user himself named it. A link comes from anybody, and
 * who dials us may have heard of us in any way.
 */
export function mayBePrivate(source: PeerSourceKind): boolean {
  return source === 'user' || source === 'tracker';
}

/** Whether the user chose the peer. Strangers may name as many peers as they like. */
export function isChosen(source: PeerSourceKind): boolean {
  return source === 'user' || source === 'magnet';
}
