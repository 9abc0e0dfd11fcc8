import type { PieceIndex } from '../../base/ids.ts';
import type { BegunPiece, BlockRef, PickerPeer } from './begun-piece.ts';
import { doubleLate } from './doubling.ts';

/** The part of a piece (0 to 1) that a peer brings while all that can are at it. */
export type PartOf<P> = (peer: P, piece: PieceIndex) => number;

interface UrgentPicking<P extends PickerPeer> {
  readonly begun: ReadonlyMap<PieceIndex, BegunPiece<P>>;
  mayRequest(piece: PieceIndex): boolean;
  blockCount(piece: PieceIndex): number;
  /** Takes up to `count` missing blocks of a piece, appends them to `out`, and returns how many. */
  take(peer: P, piece: PieceIndex, count: number, out: BlockRef[]): number;
  ref(piece: PieceIndex, block: number): BlockRef;
}

/** A peer this many times slower than the fastest one at a piece stays off it. */
const SLOWER = 8;
/** Of the first blocks, a quarter of a MiB, each peer takes its part and no more: who takes them all is the last to have them. */
const FRONT = 16;
/** Blocks of so many of the most urgent pieces are asked of a second, faster peer. */
const LATE_PIECES = 2;

const ALL: PartOf<unknown> = () => 1;

/** The pieces that somebody waits for, in the order of their deadlines: which blocks of them to ask of whom. */
export class UrgentPieces<P extends PickerPeer> {
  readonly #from: UrgentPicking<P>;
  #order: readonly PieceIndex[] = [];
  #partOf: PartOf<P> = ALL;

  constructor(from: UrgentPicking<P>) {
    this.#from = from;
  }

  get order(): readonly PieceIndex[] {
    return this.#order;
  }

  set(order: readonly PieceIndex[], partOf: PartOf<P> = ALL): void {
    this.#order = order;
    this.#partOf = partOf;
  }

  /** Appends up to `count` missing blocks for a peer to `out`, in order; returns how many. */
  pick(peer: P, count: number, out: BlockRef[]): number {
    const from = this.#from;
    let taken = 0;
    let part = this.#partOfFront(peer);
    let front = FRONT;
    for (const piece of this.#order) {
      if (taken >= count) break;
      const begun = from.begun.get(piece);
      if (!this.#able(peer, piece) || (peer.rate ?? Infinity) * SLOWER < (begun?.lead ?? 0)) continue;
      const missing = begun?.missing ?? from.blockCount(piece);
      const room = front > 0 ? Math.min(part, count - taken) : count - taken;
      // It would take all at once, before those that are asked one after another.
      const most = peer.several === true ? Math.min(room, Math.ceil(missing * this.#partOf(peer, piece))) : room;
      const took = most > 0 ? from.take(peer, piece, most, out) : 0;
      if (front > 0) part -= took;
      front -= missing;
      taken += took;
    }
    return taken;
  }

  /** Up to `count` blocks of the first that are on their way from much slower peers are asked of this one too. */
  pickLate(peer: P, count: number, out: BlockRef[]): number {
    const from = this.#from;
    let taken = 0;
    for (const piece of this.#order.slice(0, LATE_PIECES)) {
      const begun = this.#able(peer, piece) ? from.begun.get(piece) : undefined;
      if (begun === undefined || taken >= count) continue;
      taken += doubleLate(begun, peer, count - taken, (index, block) => out.push(from.ref(index, block)));
    }
    return taken;
  }

  /** How many of the first blocks a peer may take now. A server is asked for what follows one another: it takes all. */
  #partOfFront(peer: P): number {
    const from = this.#from;
    if (peer.runs !== undefined) return Infinity;
    let missing = 0;
    let first: PieceIndex | undefined;
    for (const piece of this.#order) {
      if (missing >= FRONT) break;
      if (!this.#able(peer, piece)) continue;
      first ??= piece;
      missing += from.begun.get(piece)?.missing ?? from.blockCount(piece);
    }
    return first === undefined ? 0 : Math.ceil(missing * this.#partOf(peer, first));
  }

  #able(peer: P, piece: PieceIndex): boolean {
    return peer.pieces.has(piece) && this.#from.mayRequest(piece);
  }
}
