import type { BytesPerSecond, Millis, Rng } from '../../base/ids.ts';

/** A peer as the choker sees it. */
export interface ChokerPeer<Id = unknown> {
  readonly id: Id;
  /** It wants something of us. */
  readonly interested: boolean;
  /** What it sends us. */
  readonly downRate: BytesPerSecond | number;
  /** What we send it. */
  readonly upRate: BytesPerSecond | number;
  /** It owes us blocks and has sent none for a minute (`snubbing.ts`). */
  readonly snubbed: boolean;
  readonly connectedFor: Millis;
  /** How long it has been unchoked; 0: it is choked. */
  readonly unchokedFor: Millis;
  /** It was unchoked for a while, and took nothing. */
  readonly declines: boolean;
}

export interface ChokerInput<Id> {
  readonly peers: readonly ChokerPeer<Id>[];
  /** How many may be unchoked, the optimistic one included. */
  readonly slots: number;
  /** Whether we have all that we want. */
  readonly seeding: boolean;
  /** The optimistic unchoke of the last decision. */
  readonly optimistic: Id | undefined;
  /** Move it on (every 30 s). */
  readonly rotateOptimistic: boolean;
  readonly rng: Rng;
}

export interface ChokerDecision<Id> {
  readonly unchoked: ReadonlySet<Id>;
  readonly optimistic: Id | undefined;
}

/** A peer counts as new for this time: it has nothing to give yet, so that chance favours it. */
const NEW_FOR = 45_000;
const NEW_WEIGHT = 3;
const DECLINING_WEIGHT = 1 / 4;

/**
 * Who is unchoked (B11). Pure: a snapshot in, a decision out.
 * - Only peers that are interested take a slot.
 * - All slots but one go to the fastest: while leeching to those who send us most, while seeding to those who take most.
 * - Peers that snub us get none of these while we leech. - One slot is optimistic: it finds better partners, and gives new peers a
 * start (3 times as likely as old ones). If there is only one slot, it is optimistic every other time: in between it goes to the
 * fastest. - Slots that this leaves over are optimistic too: when peers snub us, more slots look for someone better. - Of equals
 * the one that is unchoked already stays, as each change costs a peer its pipeline. But peers that took nothing come last.
 */
export function chooseUnchoked<Id>(input: ChokerInput<Id>): ChokerDecision<Id> {
  const { slots, seeding, rng } = input;
  const interested = input.peers.filter((peer) => peer.interested);
  if (slots < 1 || interested.length === 0) return { unchoked: new Set(), optimistic: undefined };

  const rate = (peer: ChokerPeer<Id>): number => (seeding ? peer.upRate : peer.downRate);
  const fastest = ranked(interested, rate, rng).filter((peer) => seeding || !peer.snubbed);
  const [first] = fastest;
  if (slots === 1 && first !== undefined && rate(first) > 0) {
    const wasOptimistic = interested.some((peer) => peer.id === input.optimistic);
    if (wasOptimistic === input.rotateOptimistic) return { unchoked: new Set([first.id]), optimistic: undefined };
    if (!wasOptimistic && interested.length > 1) interested.splice(interested.indexOf(first), 1);
  }
  const regular = fastest.slice(0, slots - 1);
  const unchoked = new Set(regular.map((peer) => peer.id));

  let rest = interested.filter((peer) => !unchoked.has(peer.id));
  const optimistic = chooseOptimistic(rest, input);
  if (optimistic === undefined) return { unchoked, optimistic: undefined };
  unchoked.add(optimistic.id);
  rest = rest.filter((peer) => peer !== optimistic);

  while (unchoked.size < slots && rest.length > 0) {
    const staying = input.rotateOptimistic ? [] : rest.filter((peer) => peer.unchokedFor > 0);
    const extra = draw(staying.length > 0 ? staying : rest, rng);
    if (extra === undefined) break;
    unchoked.add(extra.id);
    rest = rest.filter((peer) => peer !== extra);
  }
  return { unchoked, optimistic: optimistic.id };
}

function chooseOptimistic<Id>(rest: readonly ChokerPeer<Id>[], input: ChokerInput<Id>): ChokerPeer<Id> | undefined {
  const present = rest.find((peer) => peer.id === input.optimistic);
  if (present !== undefined && !input.rotateOptimistic) return present;
  const others = rest.filter((peer) => peer !== present);
  return draw(others, input.rng) ?? present;
}

/** Fastest first; of equals those that take what they are offered, then those that are unchoked, then by chance. */
function ranked<Id>(
  peers: readonly ChokerPeer<Id>[],
  rate: (peer: ChokerPeer<Id>) => number,
  rng: Rng,
): ChokerPeer<Id>[] {
  return peers
    .map((peer) => ({
      peer,
      rate: rate(peer),
      declines: peer.declines ? 1 : 0,
      stays: peer.unchokedFor > 0 && !peer.declines ? 1 : 0,
      chance: rng(),
    }))
    .sort((a, b) => b.rate - a.rate || a.declines - b.declines || b.stays - a.stays || a.chance - b.chance)
    .map(({ peer }) => peer);
}

/** One by chance, with better odds for new peers and worse ones for those that take nothing. */
function draw<Id>(peers: readonly ChokerPeer<Id>[], rng: Rng): ChokerPeer<Id> | undefined {
  const weight = (peer: ChokerPeer<Id>): number =>
    peer.declines ? DECLINING_WEIGHT : peer.connectedFor < NEW_FOR ? NEW_WEIGHT : 1;
  let at = rng() * peers.reduce((sum, peer) => sum + weight(peer), 0);
  for (const peer of peers) {
    at -= weight(peer);
    if (at < 0) return peer;
  }
  return peers.at(-1);
}
