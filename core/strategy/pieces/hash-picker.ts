import type { Millis } from '../../base/ids.ts';

/** Requests that one peer has to answer at a time: the next is on its way while one is answered. */
const MOST_ASKED = 2;
/** A request that has not been answered for so long is made to another peer as well. */
const PATIENCE = 3_000;
/** What a peer refused is not asked of it again before this; it may have got it by then. */
const REFUSAL = 60_000;
/** Refusals in a row after which a peer is asked for nothing for that long: it has no hashes, or gives none. */
const MOST_REFUSALS = 8;

interface Standing<Item> {
  /** What it has been asked for and has not answered. */
  readonly asked: Set<Item>;
  /** Until when it is not asked for what it refused. */
  readonly refused: Map<Item, number>;
  /** Refusals since its last answer. */
  refusals: number;
  restsUntil: number;
}

/**
 * Which hashes to ask of whom, and when again (BEP 52). An item stands for a range of hashes; what it means, and whether an answer
 * is right, only the caller knows. In the order in which they were wanted, from whoever has room, each from one peer as long as
 * that one answers in time.
 */
export class HashPicker<P, Item = number> {
  readonly #wanted = new Set<Item>();
  /** When a wanted one was last asked for. */
  readonly #askedAt = new Map<Item, number>();
  readonly #peers = new Map<P, Standing<Item>>();

  /** How many are wanted. */
  get size(): number {
    return this.#wanted.size;
  }

  want(item: Item): void {
    this.#wanted.add(item);
  }

  wants(item: Item): boolean {
    return this.#wanted.has(item);
  }

  /** It is there, or nobody needs it any more. */
  forget(item: Item): void {
    this.#wanted.delete(item);
    this.#askedAt.delete(item);
    for (const { refused } of this.#peers.values()) refused.delete(item);
  }

  /** What to ask a peer for next, which counts as asked then; undefined: nothing for now. `may`: whether it can have it. */
  pick(peer: P, now: Millis, may: (item: Item) => boolean = () => true): Item | undefined {
    const standing = this.#of(peer);
    if (standing.asked.size >= MOST_ASKED || now < standing.restsUntil) return undefined;
    for (const item of this.#wanted) {
      if (now - (this.#askedAt.get(item) ?? -Infinity) < PATIENCE) continue;
      if (standing.asked.has(item) || now < (standing.refused.get(item) ?? 0) || !may(item)) continue;
      standing.asked.add(item);
      this.#askedAt.set(item, now);
      return item;
    }
    return undefined;
  }

  /** A peer answered; false where it had not been asked. */
  answered(peer: P, item: Item): boolean {
    const standing = this.#of(peer);
    if (!standing.asked.delete(item)) return false;
    standing.refusals = 0;
    return true;
  }

  /** A peer refused: others are asked at once. */
  rejected(peer: P, item: Item, now: Millis): void {
    const standing = this.#of(peer);
    if (!standing.asked.delete(item)) return;
    this.#askedAt.delete(item);
    if (++standing.refusals < MOST_REFUSALS) {
      if (this.#wanted.has(item)) standing.refused.set(item, now + REFUSAL);
      return;
    }
    standing.refusals = 0;
    standing.refused.clear();
    standing.restsUntil = now + REFUSAL;
  }

  /** A peer is gone: what it was asked for is asked of others at once. */
  left(peer: P): void {
    for (const item of this.#peers.get(peer)?.asked ?? []) this.#askedAt.delete(item);
    this.#peers.delete(peer);
  }

  #of(peer: P): Standing<Item> {
    let standing = this.#peers.get(peer);
    if (standing === undefined) {
      standing = { asked: new Set(), refused: new Map(), refusals: 0, restsUntil: 0 };
      this.#peers.set(peer, standing);
    }
    return standing;
  }
}
