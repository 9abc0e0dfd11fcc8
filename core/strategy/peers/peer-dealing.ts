import type { FoundPeer } from '../../base/peer-source.ts';
import type { IdentityIndex } from '../../base/ids.ts';

/** A known peer, to be dealt. */
export interface DealablePeer {
  /** The same for the same peer, always. */
  readonly key: string;
  readonly endpoint: FoundPeer;
  /** Identities that have a connection with it, whoever dialled. */
  readonly connectedTo: readonly IdentityIndex[];
  /** It was dealt so lately that it may be about to answer: it stays where it is. */
  readonly fresh?: boolean;
}

/** Peers that each identity may dial. */
export type DealtPeers = ReadonlyMap<IdentityIndex, readonly FoundPeer[]>;

export interface DealInput {
  readonly peers: readonly DealablePeer[];
  /** `group`: those that look alike from outside have the same one. */
  readonly identities: readonly { readonly index: IdentityIndex; readonly group: string }[];
  /** The last deal: it is changed as little as balance allows. */
  readonly previous: DealtPeers;
}

/** A peer's place while it is being dealt. */
interface Hand {
  readonly index: IdentityIndex;
  readonly movable: DealablePeer[];
  readonly fixed: DealablePeer[];
}

/**
 * Deals known peers among identities (A16). In each group every peer goes to exactly one identity: the one that has a connection
 * with it, else the one that had it before, else the one with the fewest; then the most laden give to the least laden until they
 * differ by one at most, connected and fresh peers apart. Groups do not concern each other.
 */
export function dealPeers(input: DealInput): DealtPeers {
  const groups = new Map<string, Hand[]>();
  for (const { index, group } of input.identities) {
    const hands = groups.get(group) ?? [];
    hands.push({ index, movable: [], fixed: [] });
    groups.set(group, hands);
  }
  const out = new Map<IdentityIndex, readonly FoundPeer[]>();
  for (const hands of groups.values()) {
    dealGroup(hands, input.peers, input.previous);
    for (const { index, fixed, movable } of hands) {
      const mine = new Set([...fixed, ...movable]);
      const inOrder = input.peers.filter((peer) => mine.has(peer));
      out.set(
        index,
        inOrder.map((peer) => peer.endpoint),
      );
    }
  }
  return out;
}

function dealGroup(hands: readonly Hand[], peers: readonly DealablePeer[], previous: DealtPeers): void {
  const before = new Map<string, Hand>();
  for (const hand of hands)
    for (const { host, port } of previous.get(hand.index) ?? []) before.set(`${host} ${port}`, hand);
  const unheld: DealablePeer[] = [];
  for (const peer of peers) {
    const holder = hands.find(({ index }) => peer.connectedTo.includes(index));
    const had = before.get(`${peer.endpoint.host} ${peer.endpoint.port}`);
    if (holder !== undefined) holder.fixed.push(peer);
    else if (had !== undefined) (peer.fresh === true ? had.fixed : had.movable).push(peer);
    else unheld.push(peer);
  }
  for (const peer of unheld) least(hands).movable.push(peer);
  for (;;) {
    const poor = least(hands);
    const rich = hands.reduce<Hand | undefined>(
      (best, hand) => (hand.movable.length > 0 && load(hand) > (best === undefined ? 0 : load(best)) ? hand : best),
      undefined,
    );
    const given = rich !== undefined && load(rich) - load(poor) > 1 ? rich.movable.pop() : undefined;
    if (given === undefined) return;
    poor.movable.push(given);
  }
}

function load(hand: Hand): number {
  return hand.movable.length + hand.fixed.length;
}

function least(hands: readonly Hand[]): Hand {
  return hands.reduce((best, hand) => (load(hand) < load(best) ? hand : best));
}
