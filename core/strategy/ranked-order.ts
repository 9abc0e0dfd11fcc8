import type { Bitfield } from '../base/bitfield.ts';
import type { PieceIndex, Rng } from '../base/ids.ts';
import type { PieceOrder } from './piece-order.ts';

/** Ranks of one priority; a power of two, at least `MAX_RARITY` + 1. */
export const RANKS_PER_GROUP = 256;
const GROUPS = 8;
const RANKS = RANKS_PER_GROUP * GROUPS;
const WORDS_PER_GROUP = RANKS_PER_GROUP / 32;
/** A peer with fewer pieces than this is asked for them instead of walking the order. */
const FEW = 24;
/** An order larger than this remembers which peers had nothing in it. */
const WORTH_REMEMBERING = 256;

/** In vain: nothing of a peer that had `count` pieces was in the order after its `adds`-th addition. */
interface InVain {
  readonly adds: number;
  readonly count: number;
}

/**
 * Pieces in buckets of equal rank, least first, at a random place within their bucket.
 * Adding, removing and moving are O(1); finding takes about (pieces / pieces of the peer) steps.
 */
export class RankedOrder implements PieceOrder {
  readonly #rank: (piece: PieceIndex) => number;
  readonly #rng: Rng;
  readonly #buckets: (PieceIndex[] | undefined)[] = Array.from({ length: RANKS }, () => undefined);
  /** A bit for each bucket that is not empty; bit 0 of word 0 is rank 0. */
  readonly #filled = new Int32Array(RANKS / 32);
  /** Rank + 1 of each piece, 0 where it is not in. */
  readonly #in: Uint16Array;
  /** Place in its bucket. */
  readonly #place: Uint32Array;
  readonly #inVain = new WeakMap<Bitfield, InVain>();
  #size = 0;
  #adds = 0;

  /** `rank` gives a number below 8 * RANKS_PER_GROUP. */
  constructor(pieceCount: number, rank: (piece: PieceIndex) => number, rng: Rng) {
    this.#rank = rank;
    this.#rng = rng;
    this.#in = new Uint16Array(pieceCount);
    this.#place = new Uint32Array(pieceCount);
  }

  get size(): number {
    return this.#size;
  }

  add(piece: PieceIndex): void {
    if (this.#in[piece] !== 0) return;
    this.#put(piece, this.#rank(piece));
    this.#size++;
    this.#adds++;
  }

  remove(piece: PieceIndex): void {
    const was = this.#in[piece] ?? 0;
    if (was === 0) return;
    this.#cut(piece, was - 1);
    this.#in[piece] = 0;
    this.#size--;
  }

  update(piece: PieceIndex): void {
    const was = this.#in[piece] ?? 0;
    if (was === 0) return;
    const rank = this.#rank(piece);
    if (rank === was - 1) return;
    this.#cut(piece, was - 1);
    this.#put(piece, rank);
  }

  find(pieces: Bitfield, count: number, out: PieceIndex[], except?: ReadonlySet<PieceIndex>): void {
    if (this.#size === 0 || pieces.isEmpty) return;
    if (pieces.count < FEW) {
      this.#findAmongFew(pieces, count, out, except);
      return;
    }
    const remember = this.#size > WORTH_REMEMBERING && !pieces.isFull;
    if (remember) {
      const known = this.#inVain.get(pieces);
      if (known !== undefined && known.adds === this.#adds && known.count === pieces.count) return;
    }
    const end = out.length + count;
    const before = out.length;
    for (let group = 0; group < GROUPS && out.length < end; group++) {
      this.#findInGroup(group, pieces, end, out, except);
    }
    if (remember && out.length === before && except === undefined) {
      this.#inVain.set(pieces, { adds: this.#adds, count: pieces.count });
    }
  }

  worstFirst(): PieceIndex[] {
    const out: PieceIndex[] = [];
    for (let rank = RANKS - 1; rank >= 0; rank--) {
      const bucket = this.#buckets[rank];
      if (bucket !== undefined) out.push(...bucket);
    }
    return out;
  }

  #findInGroup(
    group: number,
    pieces: Bitfield,
    end: number,
    out: PieceIndex[],
    except: ReadonlySet<PieceIndex> | undefined,
  ): void {
    const first = group * WORDS_PER_GROUP;
    // Only peers that have everything have what no other peer has: the rest try that bucket last.
    const skipFirst = !pieces.isFull;
    for (let w = first; w < first + WORDS_PER_GROUP; w++) {
      let filled = this.#filled[w] ?? 0;
      if (skipFirst && w === first) filled &= ~1;
      while (filled !== 0) {
        const lowest = filled & -filled;
        filled ^= lowest;
        this.#findInBucket(w * 32 + 31 - Math.clz32(lowest), pieces, end, out, except);
        if (out.length >= end) return;
      }
    }
    if (skipFirst) this.#findInBucket(group * RANKS_PER_GROUP, pieces, end, out, except);
  }

  #findInBucket(
    rank: number,
    pieces: Bitfield,
    end: number,
    out: PieceIndex[],
    except: ReadonlySet<PieceIndex> | undefined,
  ): void {
    const bucket = this.#buckets[rank];
    if (bucket === undefined) return;
    const { bytes } = pieces;
    for (let i = bucket.length - 1; i >= 0 && out.length < end; i--) {
      const piece = bucket[i] ?? (0 as PieceIndex);
      if (((bytes[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) === 0) continue;
      if (except === undefined || !except.has(piece)) out.push(piece);
    }
  }

  #findAmongFew(pieces: Bitfield, count: number, out: PieceIndex[], except: ReadonlySet<PieceIndex> | undefined): void {
    const found: PieceIndex[] = [];
    const { bytes } = pieces;
    for (let i = 0, left = pieces.count; left > 0 && i < bytes.length; i++) {
      for (let rest = bytes[i] ?? 0; rest !== 0; left--) {
        const bit = Math.clz32(rest) - 24;
        rest &= ~(0x80 >>> bit);
        const piece = (i * 8 + bit) as PieceIndex;
        if (this.#in[piece] !== 0 && except?.has(piece) !== true) found.push(piece);
      }
    }
    const key = (piece: PieceIndex): number => (this.#in[piece] ?? 0) * 2 ** 32 - (this.#place[piece] ?? 0);
    found.sort((a, b) => key(a) - key(b));
    for (let i = 0; i < count && i < found.length; i++) out.push(found[i] ?? (0 as PieceIndex));
  }

  /** Into a random place: the one who stood there goes to the end. */
  #put(piece: PieceIndex, rank: number): void {
    const bucket = (this.#buckets[rank] ??= []);
    const place = Math.floor(this.#rng() * (bucket.length + 1));
    const other = bucket[place];
    if (other !== undefined) {
      this.#place[other] = bucket.length;
      bucket.push(other);
    }
    bucket[place] = piece;
    this.#place[piece] = place;
    this.#in[piece] = rank + 1;
    this.#filled[rank >>> 5] = (this.#filled[rank >>> 5] ?? 0) | (1 << (rank & 31));
  }

  #cut(piece: PieceIndex, rank: number): void {
    const bucket = this.#buckets[rank];
    const last = bucket?.pop();
    if (bucket === undefined || last === undefined) return;
    if (last !== piece) {
      const place = this.#place[piece] ?? 0;
      bucket[place] = last;
      this.#place[last] = place;
    }
    if (bucket.length === 0) {
      this.#filled[rank >>> 5] = (this.#filled[rank >>> 5] ?? 0) & ~(1 << (rank & 31));
    }
  }
}
