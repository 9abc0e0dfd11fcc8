import type { PieceIndex } from '../base/ids.ts';
import type { StoreClaimer } from '../claims/store-claimer.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';

/** Claims of an identity that is not always where they are agreed on: what it asks for meanwhile it asks for again there. */
export class LateClaimer implements Claimer {
  #now: StoreClaimer | undefined;
  /** What the swarm waits for an answer about. */
  readonly #asked = new Set<PieceIndex>();
  readonly #verified: (piece: PieceIndex) => void;

  /** `verified` hears of each piece, whether anybody is to be told or not. */
  constructor(verified: (piece: PieceIndex) => void) {
    this.#verified = verified;
  }

  /** From now on they are agreed on there; undefined: nowhere. */
  use(claimer: StoreClaimer | undefined): void {
    this.#now = claimer;
    const asked = [...this.#asked];
    if (claimer === undefined || asked.length === 0) return;
    this.#asked.clear();
    claimer.claim(asked);
  }

  claim(pieces: readonly PieceIndex[]): void {
    if (this.#now === undefined) for (const piece of pieces) this.#asked.add(piece);
    else this.#now.claim(pieces);
  }

  release(pieces: readonly PieceIndex[]): void {
    for (const piece of pieces) this.#asked.delete(piece);
    this.#now?.release(pieces);
  }

  verified(piece: PieceIndex): void {
    this.#verified(piece);
    this.#now?.verified(piece);
  }

  idle(): void {
    this.#now?.idle();
  }
}
