import { formatEndpoint } from '../base/endpoint.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

/** Tells that a peer's connection stands or is gone, under the endpoint by which it is known. */
export function reportPeer(state: SwarmState, peer: SwarmPeer, connected: boolean): void {
  const { session, reported } = peer;
  state.events.peer({ endpoint: reported, peerId: session.peerId, incoming: session.incoming, connected });
}

/** A peer that dialled us said where it listens: from now on it is known by that, so that no sibling dials it (A16). */
export function reportListening(state: SwarmState, peer: SwarmPeer): void {
  if (formatEndpoint(peer.endpoint) === formatEndpoint(peer.reported)) return;
  reportPeer(state, peer, false);
  peer.reported = peer.endpoint;
  reportPeer(state, peer, true);
}
