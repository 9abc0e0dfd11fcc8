import type { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';

/** A set of pieces from which the next one for a peer is found, best first. */
export interface PieceOrder {
  readonly size: number;
  add(piece: PieceIndex): void;
  remove(piece: PieceIndex): void;
  /** The place of a piece may have changed. Does nothing where it is not in the order. */
  update(piece: PieceIndex): void;
  /** Appends up to `count` of those that are in `pieces`, best first, without those in `except`. */
  find(pieces: Bitfield, count: number, out: PieceIndex[], except?: ReadonlySet<PieceIndex>): void;
  /** All of it, worst first. */
  worstFirst(): PieceIndex[];
}
