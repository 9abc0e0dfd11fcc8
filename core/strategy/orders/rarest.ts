import type { PieceStrategy } from './piece-strategy.ts';

/** The piece that the fewest have goes first (B12). */
export const rarest: PieceStrategy = {
  rank: (piece, swarm) => swarm.rarity(piece),
  followsPeers: true,
};
