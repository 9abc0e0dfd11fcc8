import type { Endpoint } from './endpoint.ts';

/**
 * How we came to know a peer: named by the user, by the magnet link, by a tracker, or it dialled us. A further source
 * is a further word here, and the compiler names the places that have to know it.
 */
export const PEER_SOURCES = ['user', 'magnet', 'tracker', 'incoming'] as const;

export type PeerSourceKind = (typeof PEER_SOURCES)[number];

/** A peer that may be dialled, and who named it. */
export interface FoundPeer extends Endpoint {
  readonly source: PeerSourceKind;
}

export function foundBy(source: PeerSourceKind, endpoints: readonly Endpoint[]): FoundPeer[] {
  return endpoints.map(({ host, port }) => ({ host, port, source }));
}

/** Whether it was chosen by who runs the download, and not by strangers, who may name as many as they like. */
export function isChosen(source: PeerSourceKind): boolean {
  return source === 'user' || source === 'magnet';
}
