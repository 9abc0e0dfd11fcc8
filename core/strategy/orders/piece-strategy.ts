import type { PieceIndex } from '../../base/ids.ts';

/** What a strategy knows of the swarm. */
export interface SwarmView {
  readonly pieceCount: number;
  /** How many peers have a piece, of those of all identities, beyond what all pieces have: from 0 (rarest) to 255. */
  rarity(piece: PieceIndex): number;
}

/**
 * In which order an identity begins pieces, and claims them. One file each, and a line in `strategies.ts` under the name by which people
 * choose it; docs/lab.md shows how to write and try one.
 */
export interface PieceStrategy {
  /** Of two pieces that a peer has the one with the lower rank goes first, of equals either. A whole number from 0 to 255. */
  rank(piece: PieceIndex, swarm: SwarmView): number;
  /** Ranks change as peers come and go and get pieces: they are asked for anew then. */
  readonly followsPeers: boolean;
}
