import { EnsembleError } from '../base/errors.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import type { BlockRef } from '../strategy/pieces/picker.ts';
import { isSnubbed } from '../strategy/pieces/snubbing.ts';
import { blockKey, type BlockSource } from './block-source.ts';
import { Errands } from './errands.ts';
import { Hurrying } from './hurrying.ts';
import { RequestWindows } from './request-windows.ts';
import type { SwarmState } from './state.ts';
import type { ReadThrottle } from './throttle.ts';
import { UrgentParts } from './urgent-parts.ts';

/** Bytes: of urgent pieces so many have to come at once; the others are asked for in their turn. */
const AT_ONCE = 1024 * 1024;

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
  readonly #hurrying: Hurrying;
  /** Blocks that are fetched for siblings: they are asked for before all others. */
  readonly errands: Errands;
  /** Blocks that were asked of several sources in the end-game, by `blockKey`. */
  readonly #askedTwice = new Set<number>();

  constructor(state: SwarmState, throttle: ReadThrottle, needs: DownloadNeeds) {
    this.#state = state;
    this.#throttle = throttle;
    this.#needs = needs;
    this.#windows = new RequestWindows(state, () => throttle.binds);
    this.#hurrying = new Hurrying(state, this.#windows, {
      isAskedTwice: (key) => this.#askedTwice.has(key),
      gaveUp: (source, piece, block) => this.#giveUp(source, piece, block),
    });
    this.errands = new Errands(state.geometry);
    this.#parts = new UrgentParts(state.sources, () => state.ports.clock.now());
  }

  /** Somebody waits for these pieces, in this order: they are asked for first. `hurries`: or may soon, for others. */
  setUrgent(pieces: readonly PieceIndex[], hurries: boolean): void {
    const { picker, geometry } = this.#state;
    this.#windows.hurries = hurries;
    const [first] = pieces;
    const jumps = first !== undefined && !picker.urgent.includes(first);
    picker.setUrgent(pieces, this.#parts.of);
    if (jumps) this.#hurrying.makeWay(pieces.slice(0, Math.ceil(AT_ONCE / geometry.pieceLength)));
  }

  /** A sibling needs a block no more. */
  dropErrand(piece: PieceIndex, block: number): void {
    const source = this.errands.remove(blockKey(piece, block));
    if (source !== undefined) this.#cancel(source, piece, block, this.#state.geometry.blockSize(piece, block));
  }

  /** Whether a source may be asked for a sibling: not the slowest, which would bring the last block late, nor a server, which sends runs. */
  mayRunErrand(source: BlockSource, piece: PieceIndex): boolean {
    if (source.several || source.runs !== undefined || source.peerChoking || !source.amInterested) return false;
    return source.pieces.has(piece) && this.#parts.of(source, piece) > 0;
  }

  /** These siblings help from now on, and are asked next: the others take their parts of what is urgent before. */
  share(siblings: readonly BlockSource[]): void {
    const { sources, ports } = this.#state;
    this.#parts.lookAgain();
    for (const sibling of siblings) this.#windows.resize(sibling, ports.clock.now());
    for (const source of sources) if (!source.several) this.refill(source);
  }

  /** A sibling brought a block, which was counted and limited where it came. */
  lent(source: BlockSource, piece: PieceIndex, block: number, data: Uint8Array): void {
    const { length } = data;
    const isWhole = length === this.#state.geometry.blockSize(piece, block);
    if (!this.#answers(source, blockKey(piece, block), length, isWhole)) return;
    this.#accept(source, piece, block, length, data);
    this.#paced(source);
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
      this.errands.pick(source, room - refs.length, refs, (piece) => this.mayRunErrand(source, piece));
      if (refs.length < room) picker.pick(source, room - refs.length, refs);
      // A sibling is there for one piece: that it could bring more is no reason to claim more.
      if (refs.length < room && !source.several) this.#needs.starving(source);
      if (refs.length === 0 && source.requests.size === 0) this.#endGame(source, room, refs);
    }
    this.#request(source, refs);
  }

  /** There is something to ask for that was not there before, and nobody knows who has it. */
  refillAll(): void {
    for (const source of this.#state.sources) this.refill(source);
  }

  /** Where the payload of a block goes; undefined for one that was not asked for, or that nobody needs any more. */
  target(source: BlockSource, piece: PieceIndex, begin: number, length: number): Uint8Array | undefined {
    const block = begin / BLOCK_LENGTH;
    const key = blockKey(piece, block);
    const isAsked = source.requests.has(key);
    if (!isAsked && !(source.takenBack.has(key) && this.#isMissing(piece, block))) return undefined;
    if (length !== this.#state.geometry.blockSize(piece, block)) return undefined;
    // A block that several sources were asked for may be arriving from another one: it is put in place when complete.
    const apart = !isAsked || this.#askedTwice.has(key) || this.errands.sibling(key) !== undefined;
    const scratch = apart ? new Uint8Array(length) : undefined;
    source.receiving = { piece, block, scratch };
    return scratch ?? this.#state.intake.target(piece, begin, length);
  }

  /** A block's payload has come. */
  arrived(source: BlockSource, piece: PieceIndex, begin: number, length: number, kept: boolean): void {
    const { totals } = this.#state;
    const receiving = source.receiving;
    source.receiving = undefined;
    totals.downloaded += length;
    source.pendingDown += length;
    if (++source.brought > source.asked + MOST_UNASKED) {
      throw new EnsembleError('protocol', `The peer sent ${source.brought} blocks, and was asked for ${source.asked}.`);
    }
    const block = begin / BLOCK_LENGTH;
    const key = blockKey(piece, block);
    if (!this.#answers(source, key, length, kept && receiving !== undefined)) return;
    const sibling = this.errands.sibling(key);
    if (sibling === undefined) return this.#accept(source, piece, block, length, receiving?.scratch);
    // Another one may be asked for it by now.
    this.dropErrand(piece, block);
    const { host, name } = source;
    this.#state.events.brought({ sibling, piece, block, data: receiving?.scratch, sender: { host, name } });
  }

  /** A block came: whether it was asked for, perhaps before that was taken back, and is of use. `isWhole`: its bytes are there. */
  #answers(source: BlockSource, key: number, length: number, isWhole: boolean): boolean {
    const outstanding = source.requests.get(key);
    const isLate = source.takenBack.delete(key);
    if (!isWhole || (outstanding === undefined && !isLate)) {
      this.#state.totals.wasted += length;
      return false;
    }
    source.requests.delete(key);
    // Blocks that were not asked for make a source neither faster nor one that answers.
    source.pendingUseful += length;
    if (outstanding !== undefined) this.#windows.measure(source, outstanding.sentAt);
    return true;
  }

  /** A block that was asked for is there. `apart`: its bytes, where they are not in the piece yet. */
  #accept(source: BlockSource, piece: PieceIndex, block: number, length: number, apart: Uint8Array | undefined): void {
    const { totals, picker, intake } = this.#state;
    const begin = block * BLOCK_LENGTH;
    const { fresh, complete, others } = picker.received(piece, block, source);
    if (!fresh) {
      totals.wasted += length;
      return;
    }
    for (const other of others) this.#cancel(other, piece, block, length);
    this.#askedTwice.delete(blockKey(piece, block));
    if (apart !== undefined) intake.target(piece, begin, length).set(apart);
    intake.arrived(piece, begin, length);
    if (complete) this.#needs.pieceArrived(piece);
  }

  /** Whether somebody still needs a block that nobody asks this source for any more. */
  #isMissing(piece: PieceIndex, block: number): boolean {
    const { picker, share } = this.#state;
    if (this.errands.sibling(blockKey(piece, block)) !== undefined) return true;
    return share.mayRequest(piece) && picker.begun.get(piece)?.isThere(block) !== true;
  }

  /** Bytes came that nobody can use, such as what a server sends before what it was asked for. */
  skipped(source: BlockSource, length: number): void {
    const { totals } = this.#state;
    totals.downloaded += length;
    totals.wasted += length;
    source.pendingDown += length;
  }

  /** A peer rejects a request (BEP 6). Where it was taken back that is the answer to this; the same one may have been made anew. */
  denied(peer: BlockSource, piece: PieceIndex, begin: number): void {
    if (!peer.takenBack.delete(blockKey(piece, begin / BLOCK_LENGTH))) this.rejected(peer, piece, begin);
  }

  /** A source refused a request, or it was lost. */
  rejected(source: BlockSource, piece: PieceIndex, begin: number): void {
    const block = begin / BLOCK_LENGTH;
    // A block out of range may have the key of another block.
    if (block >= this.#state.geometry.blockCount(piece)) return;
    source.takenBack.delete(blockKey(piece, block));
    if (source.requests.delete(blockKey(piece, block))) this.#giveUp(source, piece, block);
    // Otherwise it would be asked for the same block again at once.
    source.allowedFast.delete(piece);
  }

  /** Gives up all that was asked of a source: it choked us, left, or sends nothing. */
  abandon(source: BlockSource): void {
    this.#dropTarget(source);
    source.requests.clear();
    source.takenBack.clear();
    this.errands.abandonAll(source);
    this.#state.picker.abandonAll(source);
  }

  /** The source does not have this piece any more: it answers no request for it. Returns whether there was one. */
  abandonPiece(source: BlockSource, piece: PieceIndex): boolean {
    if (source.receiving?.piece === piece) this.#dropTarget(source);
    const before = source.requests.size;
    for (const [key, { piece: asked, block }] of source.requests) {
      if (asked !== piece) continue;
      source.requests.delete(key);
      this.#giveUp(source, piece, block);
    }
    return source.requests.size < before;
  }

  /** Takes back all requests for a piece. */
  #cancelPiece(piece: PieceIndex): void {
    for (const source of this.#state.sources) {
      if (source.receiving?.piece === piece) this.#dropTarget(source);
      for (let block = 0; source.takenBack.size > 0 && block < this.#state.geometry.blockCount(piece); block++)
        source.takenBack.delete(blockKey(piece, block));
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

  /** A source that was asked for a block will not bring it. */
  #giveUp(source: BlockSource, piece: PieceIndex, block: number): void {
    if (!this.errands.abandon(source, blockKey(piece, block))) this.#state.picker.abandon(piece, block, source);
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
    source.pendingDown = 0;
    this.#paced(source);
  }

  /** Blocks came that were asked for: updates rate and window, and asks for more. */
  #paced(source: BlockSource): void {
    const useful = source.pendingUseful;
    source.pendingUseful = 0;
    if (useful === 0) return;
    const now = this.#state.ports.clock.now();
    // It came through a sibling's peers, where it counts.
    if (!source.several) source.down.add(useful, now);
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
