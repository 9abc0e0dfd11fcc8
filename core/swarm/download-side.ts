import { EnsembleError } from '../base/errors.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import type { BlockRef } from '../strategy/pieces/picker.ts';
import { isSnubbed } from '../strategy/pieces/snubbing.ts';
import { blockKey, type BlockSource } from './block-source.ts';
import { RequestWindows } from './request-windows.ts';
import type { SwarmState } from './state.ts';
import type { ReadThrottle } from './throttle.ts';
import { UrgentParts } from './urgent-parts.ts';

/** What somebody waits for goes before all requests but those that a peer answers within this time (s) and may be sending already. */
const KEPT_SECONDS = 0.2;
const LEAST_KEPT = 2;
/** An answer of a server that is there within this time (s) is not broken off for it. */
const WORTH_WAITING = 2;
/** Of urgent pieces so many have to come at once; the others are asked for in their turn. */
const AT_ONCE = 4;

/** How many more blocks a source may send than it was ever asked for: some clients answer a request twice. */
const MOST_UNASKED = 64;

/** What the download side needs from its neighbours. */
export interface DownloadNeeds {
  /** Every block of a piece is there. */
  pieceArrived(piece: PieceIndex): void;
  /** A source could send more than there is to ask it for. */
  starving(source: BlockSource): void;
}

/** The download side for all peers and other sources of blocks (B14): requests out, blocks in, end-game, snubbing. */
export class DownloadSide {
  readonly #state: SwarmState;
  readonly #throttle: ReadThrottle;
  readonly #needs: DownloadNeeds;
  readonly #refs: BlockRef[] = [];
  readonly #windows: RequestWindows;
  readonly #parts: UrgentParts;
  /** Blocks that were asked of several sources in the end-game, by `blockKey`. */
  readonly #askedTwice = new Set<number>();

  constructor(state: SwarmState, throttle: ReadThrottle, needs: DownloadNeeds) {
    this.#state = state;
    this.#throttle = throttle;
    this.#needs = needs;
    this.#windows = new RequestWindows(state);
    this.#parts = new UrgentParts(state.sources, () => state.ports.clock.now());
  }

  /** Somebody waits for these pieces, in this order: they are asked for first. `hurries`: or may soon, for others. */
  setUrgent(pieces: readonly PieceIndex[], hurries: boolean): void {
    const { picker } = this.#state;
    this.#windows.hurries = hurries;
    const [first] = pieces;
    const jumps = first !== undefined && !picker.urgent.includes(first);
    picker.setUrgent(pieces, this.#parts.of);
    if (jumps) this.#makeWay(pieces.slice(0, AT_ONCE));
  }

  /** Asks a source for as many blocks as its window has room for. */
  refill(source: BlockSource): void {
    const { picker } = this.#state;
    if (!source.amInterested || (source.peerChoking && source.allowedFast.size === 0)) return;
    const room = source.window - source.requests.size;
    // A quarter of the window at a time: one write for many requests.
    if (room < 1 || (room < source.window >> 2 && source.requests.size > 0)) return;
    const refs = this.#refs;
    refs.length = 0;
    if (source.peerChoking) this.#pickAllowedFast(source, room, refs);
    else {
      if (source.mayCopy) picker.pickLate(source, room, refs);
      for (const { piece, block } of refs) this.#askedTwice.add(blockKey(piece, block));
      if (refs.length < room) picker.pick(source, room - refs.length, refs);
      if (refs.length < room) this.#needs.starving(source);
      if (refs.length === 0 && source.requests.size === 0) this.#endGame(source, room, refs);
    }
    this.#request(source, refs);
  }

  /** Where the payload of a block goes; undefined for one that was not asked for. */
  target(source: BlockSource, piece: PieceIndex, begin: number, length: number): Uint8Array | undefined {
    const block = begin / BLOCK_LENGTH;
    if (!source.requests.has(blockKey(piece, block)) || length !== this.#state.geometry.blockSize(piece, block)) {
      return undefined;
    }
    // A block that several sources were asked for may be arriving from another one: it is put in place when complete.
    const scratch = this.#askedTwice.has(blockKey(piece, block)) ? new Uint8Array(length) : undefined;
    source.receiving = { piece, block, scratch };
    return scratch ?? this.#state.intake.target(piece, begin, length);
  }

  /** A block's payload has come. */
  arrived(source: BlockSource, piece: PieceIndex, begin: number, length: number, kept: boolean): void {
    const { totals, picker, intake } = this.#state;
    const receiving = source.receiving;
    source.receiving = undefined;
    totals.downloaded += length;
    source.pendingDown += length;
    if (++source.brought > source.asked + MOST_UNASKED) {
      throw new EnsembleError('protocol', `The peer sent ${source.brought} blocks, and was asked for ${source.asked}.`);
    }
    const block = begin / BLOCK_LENGTH;
    const key = blockKey(piece, block);
    const outstanding = source.requests.get(key);
    if (!kept || outstanding === undefined || receiving === undefined) {
      totals.wasted += length;
      return;
    }
    source.requests.delete(key);
    // Blocks that were not asked for make a source neither faster nor one that answers.
    source.pendingUseful += length;
    this.#windows.measure(source, outstanding.sentAt);
    const { fresh, complete, others } = picker.received(piece, block, source);
    if (!fresh) {
      totals.wasted += length;
      return;
    }
    for (const other of others) this.#cancel(other, piece, block, length);
    this.#askedTwice.delete(key);
    if (receiving.scratch !== undefined) intake.target(piece, begin, length).set(receiving.scratch);
    intake.arrived(piece, begin, length);
    if (complete) this.#needs.pieceArrived(piece);
  }

  /** Bytes came that nobody can use, such as what a server sends before what it was asked for. */
  skipped(source: BlockSource, length: number): void {
    const { totals } = this.#state;
    totals.downloaded += length;
    totals.wasted += length;
    source.pendingDown += length;
  }

  /** A source refused a request (BEP 6), or it was lost. */
  rejected(source: BlockSource, piece: PieceIndex, begin: number): void {
    const block = begin / BLOCK_LENGTH;
    // A block out of range may have the key of another block.
    if (block >= this.#state.geometry.blockCount(piece)) return;
    if (source.requests.delete(blockKey(piece, block))) this.#state.picker.abandon(piece, block, source);
    // Otherwise it would be asked for the same block again at once.
    source.allowedFast.delete(piece);
  }

  /** Gives up all that was asked of a source: it choked us, left, or sends nothing. */
  abandon(source: BlockSource): void {
    this.#dropTarget(source);
    source.requests.clear();
    this.#state.picker.abandonAll(source);
  }

  /** The source does not have this piece any more: it answers no request for it. Returns whether there was one. */
  abandonPiece(source: BlockSource, piece: PieceIndex): boolean {
    if (source.receiving?.piece === piece) this.#dropTarget(source);
    const before = source.requests.size;
    for (const [key, { piece: asked, block }] of source.requests) {
      if (asked !== piece) continue;
      source.requests.delete(key);
      this.#state.picker.abandon(piece, block, source);
    }
    return source.requests.size < before;
  }

  /** Takes back all requests for a piece. */
  #cancelPiece(piece: PieceIndex): void {
    for (const source of this.#state.sources) {
      if (source.receiving?.piece === piece) this.#dropTarget(source);
      if (source.requests.size === 0) continue;
      for (const [key, { piece: p, block }] of source.requests) {
        if (p !== piece) continue;
        source.requests.delete(key);
        source.cancel(piece, block * BLOCK_LENGTH, this.#state.geometry.blockSize(piece, block));
        this.#state.picker.abandon(piece, block, source);
      }
      source.flush();
    }
  }

  /** Somebody waits for other pieces than before: takes back what is waiting at peers, so that these are asked for at once. */
  #makeWay(first: readonly PieceIndex[]): void {
    const { sources, picker, geometry, ports } = this.#state;
    const now = ports.clock.now();
    this.#windows.lookAgain();
    for (const source of sources) {
      this.#windows.resize(source, now);
      // A server sends what it was asked for as one answer: to break that off costs another connection.
      if (source.runs !== undefined && source.requests.size * BLOCK_LENGTH < source.rate * WORTH_WAITING) continue;
      let kept = Math.max(LEAST_KEPT, Math.ceil((source.rate * KEPT_SECONDS) / BLOCK_LENGTH));
      for (const [key, { piece, block }] of source.requests) {
        if (kept-- > 0 || first.includes(piece) || this.#askedTwice.has(key)) continue;
        if (source.receiving?.piece === piece && source.receiving.block === block) continue;
        source.requests.delete(key);
        source.cancel(piece, block * BLOCK_LENGTH, geometry.blockSize(piece, block));
        picker.abandon(piece, block, source);
      }
      source.flush();
    }
  }

  /**
   * Drops what is there of a begun piece and cancels the rest: it is fetched again as a whole, or not at all. `solo`: from a single
   * source.
   */
  discard(piece: PieceIndex, solo = false): void {
    const { picker, intake, totals, geometry } = this.#state;
    const begun = picker.begun.get(piece);
    if (begun !== undefined) {
      // The last block may be a short one.
      const last = begun.blocks - 1;
      const short = begun.isThere(last) ? BLOCK_LENGTH - geometry.blockSize(piece, last) : 0;
      totals.wasted += begun.received * BLOCK_LENGTH - short;
    }
    this.#cancelPiece(piece);
    intake.drop(piece);
    if (solo) picker.solo(piece);
    else picker.reset(piece);
  }

  /** To be called once a second: adapts windows to rates, and gives up requests to sources that send nothing. */
  tick(now: Millis): void {
    this.#state.picker.unbar(this.#state.sources, (source) => !source.peerChoking && !source.snubbed);
    for (const source of this.#state.sources) {
      if (isSnubbed({ now, lastBlockAt: source.lastBlockAt, outstanding: source.requests.size })) {
        // Once a minute, as it is asked for one block again each time.
        source.snubbed = true;
        source.window = 1;
        this.#cancelAll(source);
        this.abandon(source);
        source.gaveUp();
      }
      this.refill(source);
    }
  }

  /** A chunk of input is done: updates limits, rates and window, and makes new requests. */
  chunkDone(source: BlockSource): void {
    if (source.pendingDown === 0) return;
    this.#throttle.spend(source, source.pendingDown);
    if (this.#state.intake.congested) this.#throttle.hold(true);
    const useful = source.pendingUseful;
    source.pendingDown = 0;
    source.pendingUseful = 0;
    if (useful === 0) return;
    const now = this.#state.ports.clock.now();
    source.down.add(useful, now);
    source.lastBlockAt = now;
    source.tradedAt = now;
    source.snubbed = false;
    this.#windows.resize(source, now);
    this.refill(source);
  }

  #request(source: BlockSource, refs: readonly BlockRef[]): void {
    if (refs.length === 0) return;
    const now = this.#state.ports.clock.now();
    const { begun } = this.#state.picker;
    if (source.requests.size === 0) source.lastBlockAt = now;
    let last = -1;
    for (const { piece, block, begin, length } of refs) {
      if (piece !== last) {
        last = piece;
        const entry = begun.get(piece);
        if (entry !== undefined) entry.startedAt ??= now;
      }
      source.requests.set(blockKey(piece, block), { piece, block, sentAt: now });
      source.asked++;
      source.ask(piece, begin, length);
    }
    source.flush();
  }

  /** Asks this source also for blocks that were requested from others, once nothing else is left that it could bring (B14). */
  #endGame(source: BlockSource, room: number, refs: BlockRef[]): void {
    const { picker } = this.#state;
    if (!source.mayCopy || picker.candidates(source.pieces, 1).length > 0) return;
    const slow = picker.slowSolo(source);
    if (slow !== undefined) {
      // What the slow source brought of it is dropped, as this one will bring all of it.
      this.discard(slow, true);
      picker.pickPiece(source, slow, room, refs);
      return;
    }
    picker.pickEndGame(source, room, refs);
    for (const { piece, block } of refs) this.#askedTwice.add(blockKey(piece, block));
  }

  #pickAllowedFast(source: BlockSource, room: number, refs: BlockRef[]): void {
    for (const piece of source.allowedFast) {
      if (refs.length >= room) return;
      if (source.pieces.has(piece)) this.#state.picker.pickPiece(source, piece, room - refs.length, refs);
    }
  }

  #cancelAll(source: BlockSource): void {
    for (const { piece, block } of source.requests.values()) {
      source.cancel(piece, block * BLOCK_LENGTH, this.#state.geometry.blockSize(piece, block));
    }
    source.flush();
  }

  #cancel(source: BlockSource, piece: PieceIndex, block: number, length: number): void {
    if (!source.requests.delete(blockKey(piece, block))) return;
    if (source.receiving?.piece === piece && source.receiving.block === block) this.#dropTarget(source);
    source.cancel(piece, block * BLOCK_LENGTH, length);
    source.flush();
    this.refill(source);
  }

  /** Skips the rest of the block that is arriving, as its memory may no longer be written to. */
  #dropTarget(source: BlockSource): void {
    if (source.receiving === undefined) return;
    source.receiving = undefined;
    source.dropTarget();
  }
}
