import { randomBytes } from 'node:crypto';
import type { Rng } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

/** Random numbers of the system. */
export class NodeRandom implements Random {
  readonly uniform: Rng = Math.random;

  bytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }
}
