import { randomBytes } from 'node:crypto';
import type { Rng } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

/** So many bytes are asked of the system at once: each call costs as much as a thousand of them. */
const POOL = 4096;

/** Random numbers of the system. */
export class NodeRandom implements Random {
  readonly uniform: Rng = Math.random;
  #pool = new Uint8Array(0);
  #used = 0;

  bytes(count: number): Uint8Array {
    if (count > POOL / 4) return new Uint8Array(randomBytes(count));
    if (this.#used + count > this.#pool.length) {
      this.#pool = new Uint8Array(randomBytes(POOL));
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += count;
    const taken = this.#pool.slice(from, this.#used);
    // Nobody is to find in memory what became a key.
    this.#pool.fill(0, from, this.#used);
    return taken;
  }
}
