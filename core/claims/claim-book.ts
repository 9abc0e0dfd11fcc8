import { type Millis, millis, type PieceIndex } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Claimed } from './claim-store.ts';

/** What one identity knows of the claims in a store: the last one of each piece, which are its own, and since when it has seen those of others. */
export class ClaimBook {
  readonly #clock: Clock;
  #since = millis(0);
  #last = new Map<PieceIndex, Claimed>();
  /** The turn in which this identity claimed each piece that it has not verified yet. */
  readonly #own = new Map<PieceIndex, number>();
  /** When we first saw the current claim of each piece that is not ours. */
  readonly #seen = new Map<PieceIndex, { readonly turn: number; readonly at: Millis }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last claim of a piece; undefined: it was never claimed. */
  last(piece: PieceIndex): Claimed | undefined {
    return this.#last.get(piece);
  }

  /** The last claim of every piece that was ever claimed. */
  get all(): Iterable<[PieceIndex, Claimed]> {
    return this.#last;
  }

  /** The turn in which this identity claimed a piece that it has not verified; undefined: it holds no claim on it. */
  ownTurn(piece: PieceIndex): number | undefined {
    return this.#own.get(piece);
  }

  /** The pieces that this identity claims, with their turns. */
  get own(): Iterable<[PieceIndex, number]> {
    return this.#own;
  }

  /** The store was read, which was there all the time since then. */
  read(claims: ReadonlyMap<PieceIndex, Claimed>, since = millis(0)): void {
    this.#since = since;
    this.#last = new Map(claims);
  }

  /** This identity has the piece, in this turn. */
  granted(piece: PieceIndex, turn: number): void {
    this.#own.set(piece, turn);
    this.#last.set(piece, { turn, free: false });
  }

  /** Somebody else has it, or it is verified. */
  dropped(piece: PieceIndex): void {
    this.#own.delete(piece);
  }

  /** This identity gives these back; returns those that it claims, with their turns. */
  givenBack(pieces: readonly PieceIndex[]): Map<PieceIndex, number> {
    const turns = new Map<PieceIndex, number>();
    for (const piece of pieces) {
      const turn = this.#own.get(piece);
      if (turn === undefined) continue;
      this.#own.delete(piece);
      this.#last.set(piece, { turn, free: true });
      turns.set(piece, turn);
    }
    return turns;
  }

  /** This is the present claim of a piece, and not ours. */
  see(piece: PieceIndex, claimed: Claimed | undefined): void {
    const turn = claimed?.turn ?? -1;
    if (this.#seen.get(piece)?.turn !== turn) this.#seen.set(piece, { turn, at: this.#clock.now() });
  }

  /** When its present claim was first seen. */
  seenAt(piece: PieceIndex): Millis | undefined {
    return this.#seen.get(piece)?.at;
  }

  /** Since when its present claim is known to hold: it was seen, in a store that was there all the time. */
  heldSince(piece: PieceIndex): Millis | undefined {
    const at = this.seenAt(piece);
    return at === undefined ? undefined : millis(Math.max(at, this.#since));
  }

  /** The pieces whose present claim was first seen, in a store that was there all the time, this long ago, of those that still are somebody else's. */
  seenFor(span: Millis, isTheirs: (piece: PieceIndex) => boolean): PieceIndex[] {
    const now = this.#clock.now();
    const out: PieceIndex[] = [];
    for (const [piece, { at }] of this.#seen) {
      if (!isTheirs(piece)) this.#seen.delete(piece);
      else if (now - Math.max(at, this.#since) >= span) out.push(piece);
    }
    return out;
  }
}
