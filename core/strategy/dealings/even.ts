import { dealPeers } from '../peers/peer-dealing.ts';
import type { Dealing } from './dealing.ts';

/** Behind one address every peer goes to one identity, to each as many (A16); pieces go in ranges (A6). */
export const even: Dealing = {
  peers: dealPeers,
  evensOut: true,
};
