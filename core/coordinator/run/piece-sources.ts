import type { PieceIndex } from '../../base/ids.ts';
import { LateMap } from '../../base/late-map.ts';

/** Most different sets of peers that are remembered; pieces of further sets have no known source. */
const MOST = 0xffff;

/** Which peers each piece came from in this run. It takes two bytes for each piece, and stores each set of peers and each address once. */
export class PieceSources {
  readonly #addresses: string[] = [];
  /** For each address its place in `#addresses`. */
  readonly #places = new LateMap<string, number>();
  readonly #sets: (readonly number[])[] = [[]];
  /** The number of a set of peers, by the sorted places of its addresses. */
  readonly #numbers = new LateMap<string, number>();
  readonly #of: Uint16Array;

  constructor(pieceCount: number) {
    this.#of = new Uint16Array(pieceCount);
  }

  /** `from`: addresses, in any order; later ones replace what was known. */
  add(index: PieceIndex, from: readonly string[]): void {
    this.#of[index] = this.#number(from);
  }

  /** The peers that a piece came from; empty where that is not known. */
  of(index: PieceIndex): readonly string[] {
    const places = this.#sets[this.#of[index] ?? 0] ?? [];
    return places.map((place) => this.#addresses[place] ?? '');
  }

  #number(from: readonly string[]): number {
    if (from.length === 0) return 0;
    const isFull = this.#sets.length > MOST;
    const places: number[] = [];
    for (const address of from) {
      let place = this.#places.get(address);
      if (place === undefined) {
        if (isFull) return 0;
        place = this.#addresses.push(address) - 1;
        this.#places.set(address, place);
      }
      places.push(place);
    }
    const key = places.sort((a, b) => a - b).join(' ');
    const found = this.#numbers.get(key);
    if (found !== undefined || isFull) return found ?? 0;
    const number = this.#sets.push(places) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
