import type { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex, Rng } from '../../base/ids.ts';
import type { PieceOrder } from './piece-order.ts';
import { gatherShortlist, type Shortlist } from './shortlist.ts';

/** Ranks of one priority; a power of two, at least `MAX_RARITY` + 1. */
export const RANKS_PER_GROUP = 256;
const RANKS = RANKS_PER_GROUP * 8;
/** After this many steps a walk ends, and the peer's pieces are gathered instead. */
const PATIENCE = 1024;

/**
 * Pieces in buckets of equal rank, lowest first, at a random place within their bucket. Adding, removing and moving are O(1).
 * Finding walks the order, which for most peers soon hits a piece that they have; for the others a list of their best is kept.
 */
export class RankedOrder implements PieceOrder {
  readonly #rank: (piece: PieceIndex) => number;
  readonly #rng: Rng;
  /** By groups of 32 ranks, as in `#filled`. Most are never needed: those of a torrent that is seeded hold nothing. */
  readonly #buckets: (PieceIndex[] | undefined)[][] = [];
  /** A bit for each bucket that is not empty; bit 0 of word 0 is rank 0. */
  readonly #filled = new Int32Array(RANKS / 32);
  /** Rank + 1 of each piece, 0 where it is not in the order. */
  readonly #in: Uint16Array;
  /** Place in its bucket. */
  readonly #place: Uint32Array;
  readonly #shortlists = new WeakMap<Bitfield, Shortlist>();
  #size = 0;
  #adds = 0;
  /** What is left of `PATIENCE`. */
  #steps = 0;

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
    const limit = count + (except?.size ?? 0);
    const known = this.#shortlists.get(pieces);
    if (known !== undefined && known.adds === this.#adds && known.count === pieces.count) {
      if (this.#findInShortlist(known, count, out, except)) return;
    } else if (this.#walk(pieces, count, out, except)) return;
    const start = Math.floor(this.#rng() * pieces.bytes.length);
    const list = gatherShortlist(pieces, this.#in, RANKS, this.#adds, limit, start);
    this.#shortlists.set(pieces, list);
    this.#findInShortlist(list, count, out, except);
  }

  worstFirst(): PieceIndex[] {
    const out: PieceIndex[] = [];
    for (let rank = RANKS - 1; rank >= 0; rank--) {
      for (const piece of this.#bucket(rank) ?? []) out.push(piece);
    }
    return out;
  }

  /** False, with nothing found, where it would take too long. */
  #walk(pieces: Bitfield, count: number, out: PieceIndex[], except: ReadonlySet<PieceIndex> | undefined): boolean {
    const before = out.length;
    this.#steps = PATIENCE + count;
    const end = before + count;
    for (let w = 0; w < this.#filled.length; w++) {
      for (let filled = this.#filled[w] ?? 0; filled !== 0;) {
        const lowest = filled & -filled;
        filled ^= lowest;
        this.#walkBucket(w * 32 + 31 - Math.clz32(lowest), pieces, end, out, except);
        if (out.length >= end) return true;
        if (this.#steps >= 0) continue;
        out.length = before;
        return false;
      }
    }
    return true;
  }

  #walkBucket(
    rank: number,
    pieces: Bitfield,
    end: number,
    out: PieceIndex[],
    except: ReadonlySet<PieceIndex> | undefined,
  ): void {
    const bucket = this.#bucket(rank);
    if (bucket === undefined) return;
    const { bytes } = pieces;
    for (let i = bucket.length - 1; i >= 0 && out.length < end; i--) {
      if (--this.#steps < 0) return;
      const piece = bucket[i] ?? (0 as PieceIndex);
      if (((bytes[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) === 0) continue;
      if (except === undefined || !except.has(piece)) out.push(piece);
    }
  }

  /** False, with nothing found, where too little of the list is still in the order. */
  #findInShortlist(
    list: Shortlist,
    count: number,
    out: PieceIndex[],
    except: ReadonlySet<PieceIndex> | undefined,
  ): boolean {
    const { pieces } = list;
    let kept = 0;
    for (const piece of pieces) if (this.#in[piece] !== 0) pieces[kept++] = piece;
    pieces.length = kept;
    const usable = except === undefined ? pieces : pieces.filter((piece) => !except.has(piece));
    if (usable.length < count && !list.whole) return false;
    if (count === 1) {
      const best = this.#best(usable);
      if (best !== undefined) out.push(best);
    } else out.push(...[...usable].sort((a, b) => this.#key(a) - this.#key(b)).slice(0, count));
    return true;
  }

  #best(pieces: readonly PieceIndex[]): PieceIndex | undefined {
    let best: PieceIndex | undefined;
    for (const piece of pieces) if (best === undefined || this.#key(piece) < this.#key(best)) best = piece;
    return best;
  }

  /** Lower keys come earlier, as in a walk. */
  #key(piece: PieceIndex): number {
    return (this.#in[piece] ?? 0) * 2 ** 32 - (this.#place[piece] ?? 0);
  }

  #bucket(rank: number): PieceIndex[] | undefined {
    return this.#buckets[rank >>> 5]?.[rank & 31];
  }

  /** Puts a piece at a random place of its bucket; the piece that was there goes to the end. */
  #put(piece: PieceIndex, rank: number): void {
    const bucket = ((this.#buckets[rank >>> 5] ??= [])[rank & 31] ??= []);
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
    const bucket = this.#bucket(rank);
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
