import type { PieceIndex } from '../base/ids.ts';

/** Different sets of peers that are remembered; pieces of later ones have no known source. */
const MOST = 0xffff;

/** Which peers each piece came from in this run: two bytes a piece, and each set of peers once. */
export class PieceSources {
  readonly #sets: (readonly string[])[] = [[]];
  readonly #numbers = new Map<string, number>();
  readonly #of: Uint16Array;

  constructor(pieceCount: number) {
    this.#of = new Uint16Array(pieceCount);
  }

  /** `from`: addresses; a later one replaces what was known. */
  add(index: PieceIndex, from: readonly string[]): void {
    this.#of[index] = this.#number(from);
  }

  /** Empty where that is not known. */
  of(index: PieceIndex): readonly string[] {
    return this.#sets[this.#of[index] ?? 0] ?? [];
  }

  #number(from: readonly string[]): number {
    if (from.length === 0) return 0;
    const key = from.join(' ');
    const found = this.#numbers.get(key);
    if (found !== undefined) return found;
    if (this.#sets.length > MOST) return 0;
    const number = this.#sets.push(from) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
