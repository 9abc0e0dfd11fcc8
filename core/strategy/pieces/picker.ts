import type { SelectionMode } from '../../base/choices.ts';
import type { PieceIndex } from '../../base/ids.ts';
import { BLOCK_LENGTH, type Geometry } from '../../metainfo/geometry.ts';
import type { Bitfield } from '../../base/bitfield.ts';
import type { Availability } from './availability.ts';
import { BegunPiece, type BlockRef, type PickerPeer } from './begun-piece.ts';
import { doubleAll } from './doubling.ts';
import { PiecePool, type PiecePoolOptions } from './piece-pool.ts';
import { Runs } from './runs.ts';
import { PieceShare, type ShareMap } from './share-map.ts';
import { type PartOf, UrgentPieces } from './urgent-pieces.ts';

export type { BegunPiece, BlockRef, PickerPeer } from './begun-piece.ts';

/** What became of a block that came. */
export interface BlockReceipt<P = PickerPeer> {
  /** It was still missing. */
  readonly fresh: boolean;
  /** It was the last of its piece. */
  readonly complete: boolean;
  /** Peers that it was requested from too, where it is to be cancelled. */
  readonly others: readonly P[];
}

export interface PickerOptions extends PiecePoolOptions {
  readonly geometry: Geometry;
}

/** A peer this many times slower than the fastest one at a piece stays off it while there is other work. */
const SLOWER = 8;
/** A server is asked for a piece as a whole where that has at most this many times as many blocks as it may be asked for. */
const WHOLE = 4;

const STALE: BlockReceipt<never> = Object.freeze({ fresh: false, complete: false, others: [] });
const FRESH: BlockReceipt<never> = Object.freeze({ fresh: true, complete: false, others: [] });

/**
 * Decides which blocks to request from whom (B12, A7-A9): the ordinary picker over the share map, so that a restricted one
 * differs in nothing but the map. Urgent pieces come first, in their order. Then come pieces begun, rarest of those; then new ones of
 * ours in order; then slow peers help out on pieces that fast ones began; then end-game copies, from their last block on,
 * as the sibling goes from the first. It owns the state of the blocks of begun pieces and follows the share map and the availability by itself.
 */
export class PiecePicker<P extends PickerPeer = PickerPeer> {
  readonly #geometry: Geometry;
  readonly #share: ShareMap;
  readonly #availability: Availability;
  readonly #pool: PiecePool;
  readonly #runs: Runs<P>;
  readonly #begun = new Map<PieceIndex, BegunPiece<P>>();
  /** Begun pieces with missing blocks. */
  readonly #gaps: BegunPiece<P>[] = [];
  readonly #found: PieceIndex[] = [];
  /** Somebody reads them. */
  readonly #urgent: UrgentPieces<P>;

  constructor(options: PickerOptions) {
    this.#geometry = options.geometry;
    this.#share = options.share;
    this.#availability = options.availability;
    const isBegun = (piece: PieceIndex): boolean => this.#begun.has(piece);
    this.#pool = new PiecePool(options, isBegun);
    this.#runs = new Runs({ ...options, pool: this.#pool, isBegun });
    this.#urgent = new UrgentPieces<P>({
      begun: this.#begun,
      mayRequest: (piece) => this.#share.mayRequest(piece),
      blockCount: (piece) => this.#geometry.blockCount(piece),
      take: (peer, piece, count, out) => this.pickPiece(peer, piece, count, out),
      ref: (piece, block) => this.#ref(piece, block),
    });
  }

  /** Pieces of which a block was requested or is there, until `finished` or until nothing of them is. */
  get begun(): ReadonlyMap<PieceIndex, BegunPiece<P>> {
    return this.#begun;
  }

  /** Appends up to `count` blocks for a peer to `out` and marks them as requested from it; returns how many. */
  pick(peer: P, count: number, out: BlockRef[]): number {
    if (peer.pieces.isEmpty) return 0;
    let left = count - this.#urgent.pick(peer, count, out);
    // Beyond its part a sibling is asked for nothing: it would have all that others are to bring.
    if (peer.several === true) return count - left;
    if (left > 0) left -= peer.runs === undefined ? this.#pickBest(peer, left, out) : this.#pickRun(peer, left, out);
    if (left > 0) left -= this.#pickBegun(peer, left, out, PieceShare.mine, false);
    if (left > 0) left -= this.#pickBegun(peer, left, out, PieceShare.both, false);
    if (left > 0) left -= this.#pickCopies(peer, left, out);
    return count - left;
  }

  /** Appends up to `count` blocks of the most urgent pieces that are on their way from much slower peers, and are asked of this one too. */
  pickLate(peer: P, count: number, out: BlockRef[]): number {
    return this.#urgent.pickLate(peer, count, out);
  }

  /** The same from one piece alone, such as an allowed fast one (BEP 6). */
  pickPiece(peer: P, piece: PieceIndex, count: number, out: BlockRef[]): number {
    if (!this.#share.mayRequest(piece) || !peer.pieces.has(piece)) return 0;
    const begun = this.#begun.get(piece) ?? (this.#pool.priority(piece) > 0 ? this.#begin(piece) : undefined);
    return begun === undefined || !begun.mayServe(peer) ? 0 : this.#take(begun, peer, count, out, 'first');
  }

  /**
   * End-game (B14): appends up to `count` blocks that are on their way from other peers and that this one has,
   * those asked of the fewest first. Gives nothing while a block that may be requested is not, or a piece may be claimed.
   */
  pickEndGame(peer: P, count: number, out: BlockRef[]): number {
    if (!this.#pool.isEmpty) return 0;
    for (const { piece } of this.#gaps) if (this.#share.mayRequest(piece)) return 0;
    const able = [...this.#begun.values()].filter(
      (begun) =>
        begun.outstanding > 0 &&
        peer.pieces.has(begun.piece) &&
        begun.mayServe(peer) &&
        this.#share.mayRequest(begun.piece),
    );
    return doubleAll(able, peer, count, (piece, block) => out.push(this.#ref(piece, block)));
  }

  /** Pieces that may be claimed and that a peer has, best first, without those in `except`. */
  candidates(peer: Bitfield, count: number, except?: ReadonlySet<PieceIndex>): PieceIndex[] {
    const out: PieceIndex[] = [];
    this.#pool.open.find(peer, count, out, except);
    return out;
  }

  /** As `candidates`, for a server: pieces that follow one another, as far as there are such. */
  runToClaim(peer: P, count: number, except: ReadonlySet<PieceIndex>): PieceIndex[] {
    return this.#runs.toClaim(peer, count, except);
  }

  /** Our pieces of which no block was requested yet, in the reverse order of picking. */
  unbegun(): PieceIndex[] {
    return this.#pool.mine.worstFirst();
  }

  /** A block came. One that was given up in the meantime still counts as long as its piece may be requested. */
  received(piece: PieceIndex, block: number, peer: P): BlockReceipt<P> {
    const begun = this.#begun.get(piece) ?? (this.#share.mayRequest(piece) ? this.#begin(piece) : undefined);
    if (begun === undefined || (begun.solo && begun.soloist !== peer)) return STALE;
    const others = begun.receive(block, peer);
    this.#tidy(begun);
    if (others === undefined) return STALE;
    const complete = begun.received === begun.blocks;
    return complete || others.length > 0 ? { fresh: true, complete, others } : FRESH;
  }

  /** A requested block will not come from a peer: choked, rejected, timed out. */
  abandon(piece: PieceIndex, block: number, peer: P): void {
    const begun = this.#begun.get(piece);
    if (begun === undefined) return;
    begun.abandon(block, peer);
    if (begun.outstanding === 0 && begun.received < begun.blocks) begun.resign(peer);
    this.#tidy(begun);
  }

  /** Nothing that was requested from a peer will come. Others continue the pieces that it was to bring alone. */
  abandonAll(peer: P): void {
    for (const begun of this.#begun.values()) {
      if (begun.received < begun.blocks) begun.resign(peer);
      if (begun.outstanding === 0) continue;
      for (let block = 0; block < begun.blocks; block++) begun.abandon(block, peer);
      this.#tidy(begun);
    }
  }

  /** Takes up a piece of which some blocks are on disk; bit b of `blocks`, in wire order, is block b. */
  restore(record: { readonly piece: PieceIndex; readonly blocks: Uint8Array }): void {
    const { piece, blocks } = record;
    if (this.#begun.has(piece) || this.#geometry.pieceSize(piece) === 0) return;
    const begun = this.#begin(piece);
    for (let block = 0; block < begun.blocks; block++) {
      if (((blocks[block >>> 3] ?? 0) & (0x80 >>> (block & 7))) !== 0) begun.keep(block);
    }
    this.#tidy(begun);
  }

  /** Forgets all blocks of a piece, received and requested: its hash failed, or it was given up. */
  reset(piece: PieceIndex): void {
    const begun = this.#begun.get(piece);
    if (begun !== undefined) this.#restart(begun, false);
  }

  /**
   * Starts a piece again, all of it from one peer: the first that picks it, as long as it stays. Those that gave it up
   * before come last.
   */
  solo(piece: PieceIndex): void {
    const begun = this.#begun.get(piece);
    if (begun !== undefined) this.#restart(begun, true);
    else if (this.#share.mayRequest(piece)) this.#begin(piece, true);
  }

  /** Of the pieces that one peer should bring alone, opens those again to all that no `able` peer is left to try. */
  unbar(peers: Iterable<P>, able: (peer: P) => boolean): void {
    for (const { solo, soloist, barred, piece } of this.#gaps) {
      if (!solo || soloist !== undefined || barred.size === 0) continue;
      let left = false;
      for (const peer of peers) {
        left ||= peer.several !== true && peer.pieces.has(piece) && !barred.has(peer.host ?? peer) && able(peer);
      }
      if (!left) barred.clear();
    }
  }

  /** A piece that one peer alone is bringing, so slowly that this one would do better to bring it from the start. */
  slowSolo(peer: P): PieceIndex | undefined {
    if (peer.several === true) return undefined;
    for (const begun of this.#begun.values()) {
      const { piece, soloist } = begun;
      if (soloist === undefined || soloist === peer || begun.received === begun.blocks) continue;
      if (begun.isBarred(peer) || !peer.pieces.has(piece) || !this.#share.mayRequest(piece)) continue;
      const { rate = 0 } = soloist;
      if (rate > 0 && rate * SLOWER < (peer.rate ?? 0)) return piece;
    }
    return undefined;
  }

  /** A piece was verified or taken away: forgets its blocks. */
  finished(piece: PieceIndex): void {
    const begun = this.#begun.get(piece);
    if (begun !== undefined) this.#forget(begun);
  }

  /**
   * Pieces that are taken before all others, in this order; those that may not be requested are passed over. `partOf`: how peers
   * share the first of them.
   */
  setUrgent(pieces: readonly PieceIndex[], partOf?: PartOf<P>): void {
    this.#urgent.set(pieces, partOf);
  }

  get urgent(): readonly PieceIndex[] {
    return this.#urgent.order;
  }

  setSequential(sequential: boolean): void {
    this.#pool.setSequential(sequential);
  }

  /** For each piece from 0 (not to be begun) to 7; undefined: 4 for all. */
  setPriorities(priorities: Uint8Array | undefined): void {
    this.#pool.setPriorities(priorities);
  }

  setMode(mode: SelectionMode): void {
    this.#pool.setMode(mode);
  }

  #begin(piece: PieceIndex, solo = false): BegunPiece<P> {
    const begun = new BegunPiece<P>(piece, this.#geometry.blockCount(piece), solo);
    this.#pool.remove(piece);
    this.#begun.set(piece, begun);
    this.#addGap(begun);
    return begun;
  }

  /** Pieces begun that much faster peers did not begin, then new ones. */
  #pickBest(peer: P, count: number, out: BlockRef[]): number {
    let left = count - this.#pickBegun(peer, count, out, PieceShare.mine, true);
    while (left > 0) {
      const found = this.#found;
      found.length = 0;
      this.#pool.mine.find(peer.pieces, 1, found);
      const next = found[0];
      if (next === undefined) break;
      left -= this.#take(this.#begin(next), peer, left, out, 'first');
    }
    return count - left;
  }

  /** For a server: the rest of the piece that it is at, then new ones, mostly as a whole, which may be more than `count` blocks. */
  #pickRun(peer: P, count: number, out: BlockRef[]): number {
    const last = this.#runs.last(peer);
    const begun = last === undefined ? undefined : this.#begun.get(last);
    const goesOn = begun !== undefined && this.#share.get(begun.piece) === PieceShare.mine && begun.mayServe(peer);
    let left = count - (goesOn ? this.#take(begun, peer, count, out, 'first') : 0);
    while (left > 0) {
      const next = this.#runs.next(peer, Math.ceil((left * BLOCK_LENGTH) / this.#geometry.pieceLength));
      if (next === undefined) break;
      const blocks = this.#geometry.blockCount(next);
      left -= this.#take(this.#begin(next), peer, blocks <= WHOLE * count ? blocks : left, out, 'first');
    }
    return count - left;
  }

  /** Takes blocks of begun pieces in one state of the share map; `fitting`: without those that much faster peers began. */
  #pickBegun(peer: P, count: number, out: BlockRef[], share: PieceShare, fitting: boolean): number {
    let taken = 0;
    while (taken < count) {
      let best: BegunPiece<P> | undefined;
      for (const begun of this.#gaps) {
        if (!peer.pieces.has(begun.piece) || this.#share.get(begun.piece) !== share || !begun.mayServe(peer)) continue;
        if (fitting && peer.rate !== undefined && peer.rate * SLOWER < begun.lead) continue;
        if (best === undefined || this.#before(begun, best)) best = begun;
      }
      if (best === undefined) break;
      taken += this.#take(best, peer, count - taken, out, share === PieceShare.mine ? 'first' : 'last');
    }
    return taken;
  }

  /** Which of two begun pieces goes first. */
  #before(a: BegunPiece<P>, b: BegunPiece<P>): boolean {
    const priority = this.#pool.priority(a.piece) - this.#pool.priority(b.piece);
    if (priority !== 0) return priority > 0;
    if (this.#pool.sequential) return a.piece < b.piece;
    const rarity = this.#availability.rarity(a.piece) - this.#availability.rarity(b.piece);
    // Of equally rare ones the one with fewer missing blocks: it soon frees memory and can be traded.
    return rarity !== 0 ? rarity < 0 : a.missing < b.missing;
  }

  #pickCopies(peer: P, count: number, out: BlockRef[]): number {
    let taken = 0;
    for (const piece of this.#pool.copies) {
      if (taken >= count) break;
      if (peer.pieces.has(piece)) taken += this.#take(this.#begin(piece), peer, count - taken, out, 'last');
    }
    return taken;
  }

  #take(begun: BegunPiece<P>, peer: P, count: number, out: BlockRef[], end: 'first' | 'last'): number {
    let taken = 0;
    for (; taken < count; taken++) {
      const block = begun.take(peer, end);
      if (block < 0) break;
      out.push(this.#ref(begun.piece, block));
    }
    if (begun.solo && taken > 0) begun.soloist = peer;
    if (begun.missing === 0) this.#removeGap(begun);
    return taken;
  }

  #ref(piece: PieceIndex, block: number): BlockRef {
    return { piece, block, begin: block * BLOCK_LENGTH, length: this.#geometry.blockSize(piece, block) };
  }

  /** To be called after blocks changed: a piece of which nothing is received or requested any more is no longer begun. */
  #tidy(begun: BegunPiece<P>): void {
    if (begun.missing === begun.blocks && !begun.solo) {
      this.#forget(begun);
      this.#pool.add(begun.piece);
    } else if (begun.missing === 0) this.#removeGap(begun);
    else this.#addGap(begun);
  }

  #restart(begun: BegunPiece<P>, solo: boolean): void {
    this.#forget(begun);
    if (solo && this.#share.mayRequest(begun.piece)) {
      const again = this.#begin(begun.piece, true);
      for (const host of begun.barred) again.barred.add(host);
    } else this.#pool.add(begun.piece);
  }

  #forget(begun: BegunPiece<P>): void {
    this.#begun.delete(begun.piece);
    this.#removeGap(begun);
  }

  #addGap(begun: BegunPiece<P>): void {
    if (begun.place >= 0) return;
    begun.place = this.#gaps.length;
    this.#gaps.push(begun);
  }

  #removeGap(begun: BegunPiece<P>): void {
    if (begun.place < 0) return;
    const last = this.#gaps.pop();
    if (last !== undefined && last !== begun) {
      last.place = begun.place;
      this.#gaps[begun.place] = last;
    }
    begun.place = -1;
  }
}
