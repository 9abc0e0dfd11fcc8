import type { PieceStrategy } from './piece-strategy.ts';

/** The piece that most have goes first: what one should not do, to see in the laboratory what it costs. */
export const commonest: PieceStrategy = {
  rank: (piece, swarm) => 255 - swarm.rarity(piece),
  followsPeers: true,
};
