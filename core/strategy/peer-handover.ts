import type { IdentityIndex } from '../base/ids.ts';

/** Peers that an identity is left without at most, where others behind its address have more. */
const ENOUGH = 2;

/** What an identity behind some address has of the peers. */
export interface PeerHolding {
  readonly index: IdentityIndex;
  /** Those that look alike from outside have the same one. */
  readonly group: string;
  /** Those of the known ones that it has a connection with. */
  readonly connected: number;
  /** Dealt to it, not connected. */
  readonly dealt: number;
  /** Its process is still to come: it needs none yet, and what it will need stays where it is. */
  readonly starting?: boolean;
}

/**
 * Who is to give up how many connected peers, so that an identity that came late is not left without (A16): the first to be
 * ready has dialled all that were known behind their address. No more change hands than that takes: a peer that is dialled
 * anew has us wait anew.
 */
export function handOvers(holdings: readonly PeerHolding[]): Map<IdentityIndex, number> {
  const out = new Map<IdentityIndex, number>();
  for (const group of new Set(holdings.map((holding) => holding.group))) {
    const hands = holdings.filter((holding) => holding.group === group);
    const load = ({ connected, dealt }: PeerHolding): number => connected + dealt;
    const total = hands.reduce((sum, hand) => sum + load(hand), 0);
    const floor = Math.min(ENOUGH, Math.floor(total / hands.length));
    let need = hands.reduce((sum, hand) => sum + (hand.starting === true ? 0 : Math.max(0, floor - load(hand))), 0);
    for (const hand of hands.toSorted((a, b) => b.connected - a.connected)) {
      const count = Math.min(need, hand.connected, Math.max(0, load(hand) - floor));
      if (count > 0) out.set(hand.index, count);
      need -= count;
    }
  }
  return out;
}

/** What decides which connected peers an identity can do without best. */
export interface HeldPeer {
  readonly peerChoking: boolean;
  readonly amChoking: boolean;
  /** It has everything. */
  readonly isSeed: boolean;
  /** From it to us, bytes a second. */
  readonly rate: number;
}

/**
 * Of these peers the `count` that are missed least: leechers before seeds, since a seed's slot goes to who has waited longest;
 * among them those that choke us, then those that we choke, the slowest first.
 */
export function leastMissed<Peer extends HeldPeer>(peers: readonly Peer[], count: number): Peer[] {
  const worth = (peer: Peer): number => (peer.isSeed ? 4 : 0) + (peer.peerChoking ? 0 : 2) + (peer.amChoking ? 0 : 1);
  return peers.toSorted((a, b) => worth(a) - worth(b) || a.rate - b.rate).slice(0, count);
}
