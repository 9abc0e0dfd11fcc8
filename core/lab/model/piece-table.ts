import type { Rng } from '../../base/ids.ts';

/** A peer has a piece, or some blocks of it, or nothing. */
export const MISSING = 0;
export const BEGUN = 1;
export const PRESENT = 2;

/** libtorrent takes its first pieces at random (`initial_picker_threshold`). */
const RANDOM_FIRST = 4;
const GOT = 255;

/** How the payload is cut. A block has a number: its piece times `blocks`, and its place in that. */
export interface Cut {
  readonly pieces: number;
  /** Blocks of a piece, but for the last one. */
  readonly blocks: number;
  blocksOf(piece: number): number;
  sizeOf(block: number): number;
}

/** A piece of which something was asked for. */
export class BegunPiece {
  readonly piece: number;
  /** Of each block: from how many it was asked, or that it is there. */
  readonly states: Uint8Array;
  /** Blocks that nobody was asked for, and that are there. */
  missing: number;
  got = 0;

  constructor(piece: number, blocks: number) {
    this.piece = piece;
    this.states = new Uint8Array(blocks);
    this.missing = blocks;
  }

  /** How many are on their way. */
  get asked(): number {
    return this.states.length - this.missing - this.got;
  }
}

/** What became of a block that came. */
export interface Receipt {
  readonly fresh: boolean;
  /** Others were asked for it, too. */
  readonly doubled: boolean;
  readonly complete: boolean;
}

/**
 * What a peer has, and which block it asks for next, as libtorrent's picker does it (`src/piece_picker.cpp`, `request_a_block` in
 * `src/request_blocks.cpp`): the piece that it is at with this peer; pieces that others left; the rarest new one, the first ones at
 * random; what others have not been asked for of theirs; at last, of whom nothing else is to be had, what others were asked for.
 */
export class PieceTable {
  readonly states: Uint8Array;
  /** How many neighbours have each piece. */
  readonly counts: Uint16Array;
  readonly #cut: Cut;
  readonly #rng: Rng;
  readonly #begun = new Map<number, BegunPiece>();
  /** Pieces that are there. */
  present = 0;

  constructor(cut: Cut, rng: Rng, full: boolean) {
    this.#cut = cut;
    this.#rng = rng;
    this.states = new Uint8Array(cut.pieces).fill(full ? PRESENT : MISSING);
    this.counts = new Uint16Array(cut.pieces);
    this.present = full ? cut.pieces : 0;
  }

  get complete(): boolean {
    return this.present === this.#cut.pieces;
  }

  /** A block to ask of one who has these pieces, and the piece to go on with; undefined: there is none. */
  take(
    has: Uint8Array,
    current: BegunPiece | undefined,
  ): { readonly block: number; readonly at: BegunPiece } | undefined {
    const at = current !== undefined && current.missing > 0 ? current : this.#choose(has);
    if (at === undefined) return undefined;
    const place = at.states.indexOf(0);
    at.states[place] = 1;
    at.missing--;
    return { block: at.piece * this.#cut.blocks + place, at };
  }

  /** A block that others were asked for, once more; the one that the fewest were. -1: there is none. */
  double(has: Uint8Array): number {
    let best = -1;
    let fewest = GOT - 1;
    for (const { piece, states } of this.#begun.values()) {
      if (has[piece] !== PRESENT) continue;
      for (let place = 0; place < states.length; place++) {
        const asked = states[place] ?? 0;
        if (asked === 0 || asked >= fewest) continue;
        fewest = asked;
        best = piece * this.#cut.blocks + place;
      }
    }
    if (best >= 0) this.#change(best, fewest + 1);
    return best;
  }

  /** A block that was asked for will not come from there. */
  abandon(block: number): void {
    const begun = this.#begun.get(Math.floor(block / this.#cut.blocks));
    if (begun === undefined) return;
    const place = block % this.#cut.blocks;
    const state = begun.states[place] ?? 0;
    if (state === 0 || state === GOT) return;
    begun.states[place] = state - 1;
    if (state === 1) begun.missing++;
  }

  receive(block: number): Receipt {
    const piece = Math.floor(block / this.#cut.blocks);
    const begun = this.#begun.get(piece);
    const place = block % this.#cut.blocks;
    const state = begun?.states[place] ?? GOT;
    if (begun === undefined || state === GOT) return { fresh: false, doubled: false, complete: false };
    if (state === 0) begun.missing--;
    begun.states[place] = GOT;
    begun.got++;
    const complete = begun.got === begun.states.length;
    if (complete) {
      this.#begun.delete(piece);
      this.states[piece] = PRESENT;
      this.present++;
    }
    return { fresh: true, doubled: state > 1, complete };
  }

  #change(block: number, state: number): void {
    const begun = this.#begun.get(Math.floor(block / this.#cut.blocks));
    if (begun !== undefined) begun.states[block % this.#cut.blocks] = state;
  }

  #choose(has: Uint8Array): BegunPiece | undefined {
    let partial: BegunPiece | undefined;
    for (const begun of this.#begun.values()) {
      if (begun.missing === 0 || has[begun.piece] !== PRESENT) continue;
      if (begun.asked === 0) return begun;
      if (partial === undefined || begun.missing < partial.missing) partial = begun;
    }
    const fresh = this.#rarest(has);
    if (fresh < 0) return partial;
    const begun = new BegunPiece(fresh, this.#cut.blocksOf(fresh));
    this.#begun.set(fresh, begun);
    this.states[fresh] = BEGUN;
    return begun;
  }

  #rarest(has: Uint8Array): number {
    const { states, counts } = this;
    const { pieces } = this.#cut;
    const atRandom = this.present < RANDOM_FIRST;
    // Of equals the first one behind a random place.
    const start = Math.floor(this.#rng() * pieces);
    let best = -1;
    let fewest = 65_536;
    for (let i = 0, piece = start; i < pieces; i++, piece = piece + 1 === pieces ? 0 : piece + 1) {
      if (states[piece] !== MISSING || has[piece] !== PRESENT) continue;
      const count = counts[piece] ?? 0;
      if (count >= fewest) continue;
      best = piece;
      fewest = count;
      if (atRandom || count <= 1) break;
    }
    return best;
  }
}
