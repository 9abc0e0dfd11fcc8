import { dealPeers } from '../peers/peer-dealing.ts';
import type { Dealing } from './dealing.ts';

/** Pieces go to one identity after the other, as cards do; peers as usual. */
export const striped: Dealing = {
  peers: dealPeers,
  evensOut: true,
  home: (piece, { count }) => piece % count,
};
