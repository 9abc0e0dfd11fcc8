import type { PieceStrategy } from './piece-strategy.ts';

/** Any piece. */
export const random: PieceStrategy = {
  rank: () => 0,
  followsPeers: false,
};
