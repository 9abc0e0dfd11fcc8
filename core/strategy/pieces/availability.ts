import type { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';

/** Ranks end here: all pieces that more peers than this have count as equally common. */
export const MAX_RARITY = 255;

/**
 * How many peers have each piece (B12), over the peers of this identity and, told from elsewhere, of its siblings (A8).
 * Peers that have everything are counted apart: they add the same to every piece, so that no piece changes its rank when they come
 * or go.
 */
export class Availability {
  readonly pieceCount: number;
  readonly #partial: Uint16Array;
  readonly #elsewhere: Uint16Array;
  /** The lowest of the siblings' counts: as all pieces have it, it says nothing about rarity. */
  #elsewhereBase = 0;
  readonly #full = new Set<Bitfield>();
  /** Whether peers of this identity came, went or got pieces since `news` was asked for. */
  #changed = false;
  readonly #listeners: ((piece: PieceIndex) => void)[] = [];

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount;
    this.#partial = new Uint16Array(pieceCount);
    this.#elsewhere = new Uint16Array(pieceCount);
  }

  /** Counts a peer in. Later haves go through `have`; to put another bitfield in its place, remove it first. */
  addPeer(pieces: Bitfield): void {
    this.#changed ||= !pieces.isEmpty;
    if (pieces.isFull) this.#full.add(pieces);
    else if (!pieces.isEmpty) this.#each(pieces, 1);
  }

  /** Counts a peer out: the same object that was added, with the bits that it has now. */
  removePeer(pieces: Bitfield): void {
    this.#changed ||= !pieces.isEmpty;
    if (this.#full.delete(pieces) || pieces.isEmpty) return;
    this.#each(pieces, -1);
  }

  /** A peer that was added got this piece, which it did not have. */
  have(piece: PieceIndex): void {
    this.#changed = true;
    this.#change(piece, 1);
  }

  /** A peer that was added lost this piece; its bitfield says so already. */
  lost(pieces: Bitfield, piece: PieceIndex): void {
    if (!this.#full.delete(pieces)) return this.#change(piece, -1);
    // From here on it is counted piece by piece.
    this.#each(pieces, 1);
  }

  /** How many peers have it; `all`: siblings' peers too. */
  count(piece: PieceIndex, whose: 'own' | 'all' = 'all'): number {
    const own = this.#full.size + (this.#partial[piece] ?? 0);
    return whose === 'own' ? own : own + (this.#elsewhere[piece] ?? 0);
  }

  /** How many of this identity's peers have everything. */
  get seeds(): number {
    return this.#full.size;
  }

  /** Like `count`, but without what all pieces have in common, and at most `MAX_RARITY`: the rarer a piece, the smaller the number. */
  rarity(piece: PieceIndex): number {
    const n = (this.#partial[piece] ?? 0) + (this.#elsewhere[piece] ?? 0) - this.#elsewhereBase;
    return n < MAX_RARITY ? n : MAX_RARITY;
  }

  /** What the siblings' peers have; replaces what was told before. Missing entries are 0. */
  setElsewhere(counts: Uint16Array): void {
    const before = this.#elsewhereBase;
    let base = this.pieceCount === 0 ? 0 : 0xffff;
    for (let i = 0; i < this.pieceCount; i++) base = Math.min(base, counts[i] ?? 0);
    this.#elsewhereBase = base;
    for (let i = 0; i < this.pieceCount; i++) {
      const now = counts[i] ?? 0;
      const was = this.#elsewhere[i] ?? 0;
      this.#elsewhere[i] = now;
      if (now - base !== was - before) this.#tell(i as PieceIndex);
    }
  }

  /** How many of this identity's own peers have each piece: this is what siblings are told. */
  snapshot(): Uint16Array {
    return this.#partial.map((n) => Math.min(0xffff, n + this.#full.size));
  }

  /** The same; undefined: nothing has changed since this was asked last, or there never was a peer. */
  news(): Uint16Array | undefined {
    const changed = this.#changed;
    this.#changed = false;
    return changed ? this.snapshot() : undefined;
  }

  /** Hears of each piece whose rarity may have changed. */
  onChange(listener: (piece: PieceIndex) => void): void {
    this.#listeners.push(listener);
  }

  #each(pieces: Bitfield, by: 1 | -1): void {
    const { bytes } = pieces;
    for (let i = 0; i < bytes.length; i++) {
      for (let rest = bytes[i] ?? 0; rest !== 0;) {
        const bit = Math.clz32(rest) - 24;
        rest &= ~(0x80 >>> bit);
        this.#change((i * 8 + bit) as PieceIndex, by);
      }
    }
  }

  #change(piece: PieceIndex, by: 1 | -1): void {
    const was = this.#partial[piece];
    if (was === undefined || was + by < 0 || was + by > 0xffff) return;
    this.#partial[piece] = was + by;
    this.#tell(piece);
  }

  #tell(piece: PieceIndex): void {
    for (const listener of this.#listeners) listener(piece);
  }
}
