import type { Millis } from '../base/ids.ts';

/** A connected peer, when somebody else wants its place. */
export interface SeatedPeer<Id = unknown> {
  readonly id: Id;
  /** Peers with the same one are taken for one machine. */
  readonly machine: string;
  /** Since a block last passed between us, either way; where none ever has, since it has been connected. */
  readonly idleFor: Millis;
  /** A block has passed between us. */
  readonly traded: boolean;
  /** It wants something of us. */
  readonly interested: boolean;
  /** We want something of it. */
  readonly interesting: boolean;
  /** It was unchoked for a while, and took nothing. */
  readonly declines: boolean;
}

export interface Turnover<Id> {
  readonly peers: readonly SeatedPeer<Id>[];
  /** Whether there is nothing that we may still fetch. */
  readonly seeding: boolean;
  /** The newcomer's machine; undefined: nobody's that is connected. */
  readonly newcomer: string | undefined;
  /** How long who came has to say what it wants. */
  readonly settling: Millis;
  /** Those who may leave; all count. */
  readonly may: (peer: Id) => boolean;
}

/** So long we wait for a peer that we want something of, or that wants something of us, while we are fetching. */
const PATIENCE = 600_000;

/**
 * All places are taken: who leaves for a newcomer of whom nothing is known; undefined: all are worth more. Nobody leaves
 * with whom a block was exchanged while a newcomer settles. Of the others the first of these leave, in this order:
 * - who wants nothing, and has nothing that we want; while we seed, whoever wants nothing
 * - who says that he wants something, and took nothing when he could
 * - who is one of several of a machine that has two places more than the newcomer's
 * - while we fetch, with whom nothing came about for ten minutes
 * Among equals those with whom nothing was ever exchanged, then those of the machine with most places, then the longest idle.
 * Nobody makes room for a machine that has more places than his own.
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
    const key = [use, peer.traded ? 1 : 0, -own, -Number(peer.idleFor)];
    if (least === undefined || isBefore(key, least.key)) least = { peer, key };
  }
  return least?.peer.id;
}

/** The less, the sooner it leaves; undefined: it stays. `more`: places that its machine has more than the newcomer's. */
function useOf(
  peer: SeatedPeer,
  { seeding, settling }: Omit<Turnover<never>, 'peers' | 'may'>,
  more: number,
): number | undefined {
  const { idleFor, interested, declines } = peer;
  const interesting = peer.interesting && !seeding;
  if (idleFor < settling) return undefined;
  if (!interested && !interesting) return 0;
  if (declines && !interesting) return 1;
  if (more >= 2) return 2;
  return !seeding && idleFor >= PATIENCE ? 3 : undefined;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    if (x !== y) return x < y;
  }
  return false;
}
