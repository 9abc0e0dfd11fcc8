import type { Millis } from '../../base/ids.ts';

/** A connected peer whose place somebody else wants. */
export interface SeatedPeer<Id = unknown> {
  readonly id: Id;
  /** Peers with the same value count as one machine. */
  readonly machine: string;
  /** Since a block last passed between us, either way; where none ever has, since it has been connected. */
  readonly idleFor: Millis;
  /** A block has passed between us. */
  readonly traded: boolean;
  /** It had time to trade, and on average did so too slowly to be worth one of several places of its machine. */
  readonly trickles: boolean;
  /** How often peers of its machine came and went lately with nothing exchanged. */
  readonly visits: number;
  /** It wants something of us. */
  readonly interested: boolean;
  /** We want something of it. */
  readonly interesting: boolean;
  /** It was unchoked for a while, and took nothing. */
  readonly declines: boolean;
  /** Its canonical priority (BEP 40); undefined: not known. */
  readonly priority: number | undefined;
}

export interface Turnover<Id> {
  readonly peers: readonly SeatedPeer<Id>[];
  /** Whether there is nothing that we may still fetch. */
  readonly seeding: boolean;
  /** The newcomer's machine; undefined: nobody's that is connected. */
  readonly newcomer: string | undefined;
  /** How long a newcomer has to say what it wants; half as long with each of its `visits`. */
  readonly settling: Millis;
  /** It is time that somebody leaves who brings little, however lately. */
  readonly turn: boolean;
  /** Which peers may leave; the others still count as places of their machine. */
  readonly may: (peer: Id) => boolean;
}

/** While we are fetching, a peer that we want something of, or that wants something of us, has this long, halved in the same way. */
const PATIENCE = 600_000;

/**
 * All places are taken: which peer leaves for a newcomer of whom nothing is known; undefined: all are worth more. A peer that is
 * new, or with which a block was exchanged within the last `settling`, stays unless it trickles and is of the third or last kind. Of the
 * others one of the first of these kinds leaves:
 * - it wants nothing, and has nothing that we want; while we seed, it wants nothing
 * - it says that it wants something, and took nothing when it could
 * - it is one of several of a machine that has at least two places more than the newcomer's
 * - while we fetch, nothing was exchanged with it for ten minutes
 * - while we fetch, now and then (`turn`), it trickles
 *
 * Among equals those with which nothing was ever exchanged come first, then those of the machine with most places, then, where
 * nothing was exchanged, the one with the lowest canonical priority, then the longest idle. Nobody makes room for a machine that has more places than its own.
 */
export function leastUseful<Id>(input: Turnover<Id>): Id | undefined {
  const places = new Map<string, number>();
  for (const { machine } of input.peers) places.set(machine, (places.get(machine) ?? 0) + 1);
  const placesOf = (machine: string): number => places.get(machine) ?? 0;
  const newcomers = input.newcomer === undefined ? 0 : placesOf(input.newcomer);
  let least: { readonly peer: SeatedPeer<Id>; readonly key: readonly number[] } | undefined;
  for (const peer of input.peers) {
    const own = placesOf(peer.machine);
    const use = useOf(peer, input, own - newcomers);
    if (use === undefined || own < newcomers || !input.may(peer.id)) continue;
    const priority = peer.traded ? 0 : (peer.priority ?? 0);
    const key = [use, peer.traded ? 1 : 0, -own, priority, -Number(peer.idleFor)];
    if (least === undefined || isBefore(key, least.key)) least = { peer, key };
  }
  return least?.peer.id;
}

/** The lower, the sooner it leaves; undefined: it stays. `more`: how many more places its machine has than the newcomer's. */
function useOf(
  peer: SeatedPeer,
  { seeding, settling, turn }: Omit<Turnover<never>, 'peers' | 'may'>,
  more: number,
): number | undefined {
  const { idleFor, interested, declines } = peer;
  const interesting = peer.interesting && !seeding;
  const hurry = peer.traded ? 1 : 2 ** Math.min(peer.visits, 30);
  const inTurn = turn && !seeding && peer.trickles ? 4 : undefined;
  if (idleFor * hurry < settling) return peer.trickles && more >= 2 ? 2 : inTurn;
  if (!interested && !interesting) return 0;
  if (declines && !interesting) return 1;
  if (more >= 2) return 2;
  return !seeding && idleFor * hurry >= PATIENCE ? 3 : inTurn;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    if (x !== y) return x < y;
  }
  return false;
}
