import type { PieceIndex } from '../../base/ids.ts';

/**
 * How the swarm of one identity obtains the right to download pieces and tells what became of them (A7, A15).
 * Answers arrive as changes of the share map: `open` to `mine` when granted, to `theirs` when a sibling was first.
 * Implementations: nothing is to be asked (`WholeClaimer`), the coordinator grants (`GrantedClaimer`), a store decides (`StoreClaimer`).
 * With fixed ranges an identity's pieces are `mine` from the start.
 */
export interface Claimer {
  /**
   * Asks for the exclusive right to download these pieces, best first. The caller remembers what it asked for, and asks for no
   * piece again before its answer.
   */
  claim(pieces: readonly PieceIndex[]): void;
  /** Gives back pieces of which no block was requested, or whose download stopped. */
  release(pieces: readonly PieceIndex[]): void;
  /** A piece was verified and written. The share map says `present` already. */
  verified(piece: PieceIndex): void;
  /**
   * Asks for other work, as nothing is left to claim while this identity could do more: pieces of others, or an end-game (A17).
   * Called at most ten times a second, and not while an answer is to come.
   */
  idle(): void;
}
