import type { Random } from '../ports/random.ts';
import { MAX_PAD } from './negotiation.ts';

/** Bytes in which the length of an encrypted pad is told. */
export const PAD_LENGTH_SIZE = 2;

/** How long a pad of ours is, so that the handshake has no length of its own. */
export function padLength(random: Pick<Random, 'uniform'>): number {
  return Math.floor(random.uniform() * (MAX_PAD + 1));
}
