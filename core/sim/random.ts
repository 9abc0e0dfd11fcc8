import type { Rng } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

/** Random numbers that are the same for the same seed (a 32-bit counter through an avalanche mix). Never for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number = 1) {
    this.#state = seed | 0;
  }

  readonly uniform: Rng = () => this.#next() / 4_294_967_296;

  bytes(count: number): Uint8Array {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) out[i] = this.#next() >>> 24;
    return out;
  }

  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}
