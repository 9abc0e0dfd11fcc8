import type { IdentityIndex } from '../../base/ids.ts';

/** An identity with fewer peers than this gets some, where others behind its address have more. */
const ENOUGH = 2;

/** Which peers an identity has. */
export interface PeerHolding {
  readonly index: IdentityIndex;
  /** Identities that look alike from outside have the same one. */
  readonly group: string;
  /** Number of known peers that it has a connection with. */
  readonly connected: number;
  /** Number of peers dealt to it and not connected. */
  readonly dealt: number;
  /** Its process has not started yet: it needs no peers so far, and those that it will need stay where they are. */
  readonly starting?: boolean;
}

/**
 * Which identities have to give up how many connected peers, so that one that came late is not left without (A16): the first to be
 * ready has dialled every known peer from their common address. No more change hands than necessary: a peer that is dialled anew
 * makes us wait for a slot anew.
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
 * The `count` of these peers that are missed least: leechers before seeds, since a seed's slot goes to the peer that has waited
 * longest; among them those that choke us, then those that we choke, the slowest first.
 */
export function leastMissed<Peer extends HeldPeer>(peers: readonly Peer[], count: number): Peer[] {
  const worth = (peer: Peer): number => (peer.isSeed ? 4 : 0) + (peer.peerChoking ? 0 : 2) + (peer.amChoking ? 0 : 1);
  return peers.toSorted((a, b) => worth(a) - worth(b) || a.rate - b.rate).slice(0, count);
}
