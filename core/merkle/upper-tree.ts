import { hashAt, HASH_LENGTH, rootOf } from './tree.ts';

/** So many layers above the piece layer each hash is kept once it was worked out: one for 512 pieces. */
const KEPT_LAYER = 9;

/** A file's tree from its piece layer up. What stands higher is worked out when it is asked for. */
export class UpperTree {
  readonly #roots: Uint8Array;
  readonly #pieceLayer: number;
  /** The hashes `KEPT_LAYER` layers above, as far as they are known. */
  readonly #kept: Uint8Array;
  #known = 0;

  /** `roots`: of all its pieces, one behind the other. */
  constructor(roots: Uint8Array, pieceLayer: number) {
    this.#roots = roots;
    this.#pieceLayer = pieceLayer;
    this.#kept = new Uint8Array(Math.ceil(roots.length / (HASH_LENGTH << KEPT_LAYER)) * HASH_LENGTH);
  }

  /**
   * Works out `most` hashes of those that `hash` needs, at half a millisecond each. True when none is left: until then `hash` may
   * be asked for nothing.
   */
  prepare(most: number): boolean {
    const all = this.#kept.length / HASH_LENGTH;
    for (const end = Math.min(all, this.#known + most); this.#known < end; this.#known++) {
      this.#kept.set(this.#above(this.#known, KEPT_LAYER), this.#known * HASH_LENGTH);
    }
    return this.#known === all;
  }

  /** A hash of the piece layer or one above it; blank where the file has no bytes. */
  hash(layer: number, index: number): Uint8Array {
    const up = layer - this.#pieceLayer;
    if (up === 0 && (index + 1) * HASH_LENGTH <= this.#roots.length) return hashAt(this.#roots, index);
    if (up < KEPT_LAYER) return this.#above(index, up);
    const higher = up - KEPT_LAYER;
    return rootOf(part(this.#kept, index, higher), this.#pieceLayer + KEPT_LAYER, higher);
  }

  #above(index: number, up: number): Uint8Array {
    return rootOf(part(this.#roots, index, up), this.#pieceLayer, up);
  }
}

/** Those of a list of hashes that stand below one `up` layers higher. */
function part(hashes: Uint8Array, index: number, up: number): Uint8Array {
  const width = 2 ** up * HASH_LENGTH;
  return hashes.subarray(index * width, (index + 1) * width);
}
