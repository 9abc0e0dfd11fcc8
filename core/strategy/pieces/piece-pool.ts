import type { SelectionMode } from '../../base/choices.ts';
import type { PieceIndex, Rng } from '../../base/ids.ts';
import type { PieceStrategy } from '../orders/piece-strategy.ts';
import { random } from '../orders/random.ts';
import { rarest } from '../orders/rarest.ts';
import { type Availability, MAX_RARITY } from './availability.ts';
import type { PieceOrder } from './piece-order.ts';
import { RANKS_PER_GROUP, RankedOrder } from './ranked-order.ts';
import { SequentialOrder } from './sequential-order.ts';
import { PieceShare, type ShareMap } from './share-map.ts';

export interface PiecePoolOptions {
  readonly share: ShareMap;
  readonly availability: Availability;
  readonly rng: Rng;
  readonly mode: SelectionMode;
  /** In place of the mode's own order. */
  readonly strategy?: PieceStrategy | undefined;
  /** Ascending instead, within each priority. */
  readonly sequential?: boolean;
  /** For each piece from 0 (not to be begun) to 7; undefined: 4 for all. */
  readonly priorities?: Uint8Array;
}

/** This many pieces are taken at random before rarity counts, to have something to trade soon (B12). */
const RANDOM_FIRST = 4;
const DEFAULT_PRIORITY = 4;

/**
 * The pieces that are not begun, sorted by who may take them, in the order in which to take them. Follows the share map and the
 * availability by itself.
 */
export class PiecePool {
  readonly #share: ShareMap;
  readonly #availability: Availability;
  readonly #rng: Rng;
  readonly #isBegun: (piece: PieceIndex) => boolean;
  readonly #copies = new Set<PieceIndex>();
  readonly #chosen: PieceStrategy | undefined;
  #mode: SelectionMode;
  #sequential: boolean;
  #priorities: Uint8Array | undefined;
  #randomFirst: boolean;
  #mine: PieceOrder;
  #open: PieceOrder;

  constructor(options: PiecePoolOptions, isBegun: (piece: PieceIndex) => boolean) {
    this.#share = options.share;
    this.#availability = options.availability;
    this.#rng = options.rng;
    this.#isBegun = isBegun;
    this.#chosen = options.strategy;
    this.#mode = options.mode;
    this.#sequential = options.sequential ?? false;
    this.#priorities = options.priorities;
    this.#randomFirst = this.#share.count(PieceShare.present) < RANDOM_FIRST;
    this.#mine = this.#makeOrder();
    this.#open = this.#makeOrder();
    this.#rebuild();
    this.#share.onChange((piece, now) => this.#shared(piece, now));
    this.#availability.onChange((piece) => this.#rarityChanged(piece));
  }

  /** Our pieces, ready to be begun. */
  get mine(): PieceOrder {
    return this.#mine;
  }

  /** Pieces that may be claimed. */
  get open(): PieceOrder {
    return this.#open;
  }

  /** A sibling's pieces that this identity was allowed to fetch too. There are few. */
  get copies(): ReadonlySet<PieceIndex> {
    return this.#copies;
  }

  get sequential(): boolean {
    return this.#sequential;
  }

  get isEmpty(): boolean {
    return this.#mine.size === 0 && this.#open.size === 0 && this.#copies.size === 0;
  }

  /** 0 (not to be begun) to 7. */
  priority(piece: PieceIndex): number {
    return Math.min(7, this.#priorities?.[piece] ?? DEFAULT_PRIORITY);
  }

  setSequential(sequential: boolean): void {
    if (this.#sequential === sequential) return;
    this.#sequential = sequential;
    this.#rebuild();
  }

  setPriorities(priorities: Uint8Array | undefined): void {
    this.#priorities = priorities;
    this.#rebuild();
  }

  setMode(mode: SelectionMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#rebuild();
  }

  /** Adds a piece that is not begun to the set where its state belongs. */
  add(piece: PieceIndex): void {
    if (this.#isBegun(piece) || this.priority(piece) === 0) return;
    const share = this.#share.get(piece);
    if (share === PieceShare.mine) this.#mine.add(piece);
    else if (share === PieceShare.open) this.#open.add(piece);
    else if (share === PieceShare.both) this.#copies.add(piece);
  }

  remove(piece: PieceIndex): void {
    this.#mine.remove(piece);
    this.#open.remove(piece);
    this.#copies.delete(piece);
  }

  get #strategy(): PieceStrategy {
    return this.#chosen ?? (this.#mode === 'random' ? random : rarest);
  }

  /** Lower ranks are taken earlier. */
  #rank(piece: PieceIndex): number {
    const group = (7 - this.priority(piece)) * RANKS_PER_GROUP;
    if (this.#randomFirst) return group;
    const rank = this.#strategy.rank(piece, this.#availability);
    return group + (rank >= 0 ? Math.min(MAX_RARITY, Math.floor(rank)) : 0);
  }

  #makeOrder(): PieceOrder {
    const { pieceCount } = this.#share;
    return this.#sequential
      ? new SequentialOrder(pieceCount, (piece) => this.priority(piece))
      : new RankedOrder(pieceCount, (piece) => this.#rank(piece), this.#rng);
  }

  #rebuild(): void {
    this.#mine = this.#makeOrder();
    this.#open = this.#makeOrder();
    this.#copies.clear();
    for (let i = 0; i < this.#share.pieceCount; i++) this.add(i as PieceIndex);
  }

  #shared(piece: PieceIndex, now: PieceShare): void {
    this.remove(piece);
    this.add(piece);
    if (now !== PieceShare.present || !this.#randomFirst) return;
    if (this.#share.count(PieceShare.present) < RANDOM_FIRST) return;
    this.#randomFirst = false;
    if (this.#strategy !== random && !this.#sequential) this.#rebuild();
  }

  #rarityChanged(piece: PieceIndex): void {
    if (this.#randomFirst || !this.#strategy.followsPeers) return;
    this.#mine.update(piece);
    this.#open.update(piece);
  }
}
