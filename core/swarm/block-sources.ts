import type { Bitfield } from '../base/bitfield.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { BlockSource } from './block-source.ts';
import type { DownloadSide } from './download-side.ts';
import type { SwarmState } from './state.ts';
import type { ReadThrottle } from './throttle.ts';

/** By this a source of blocks that is no peer says what it has, and delivers blocks. */
export interface BlockIntake {
  readonly sources: BlockSources;
  readonly downloads: DownloadSide;
}

/** The sources of blocks and what each of them has: which come and go, and in which we are interested (A10). */
export class BlockSources {
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;
  readonly #throttle: ReadThrottle;

  constructor(state: SwarmState, downloads: DownloadSide, throttle: ReadThrottle) {
    this.#state = state;
    this.#downloads = downloads;
    this.#throttle = throttle;
  }

  /** From now on the source may be asked; it says afterwards what it has. */
  join(source: BlockSource): void {
    this.#state.sources.add(source);
    this.#state.interest.addPeer(source);
    if (this.#throttle.held) source.pauseReading();
  }

  /** Nothing more comes from the source. */
  leave(source: BlockSource): void {
    const { sources, availability, interest } = this.#state;
    if (!sources.delete(source)) return;
    this.#downloads.abandon(source);
    this.#throttle.forget(source);
    if (source.counted) availability.removePeer(source.pieces);
    interest.removePeer(source);
  }

  /** The source has these pieces. To be called once. */
  has(source: BlockSource, pieces: Bitfield): void {
    const { availability, interest } = this.#state;
    source.pieces.assign(pieces);
    if (source.counted) availability.addPeer(source.pieces);
    interest.refresh(source);
    this.interestChanged(source);
  }

  /** The source turned out not to have these pieces. */
  lacks(source: BlockSource, pieces: Iterable<PieceIndex>): void {
    const { availability, interest } = this.#state;
    if (source.counted) availability.removePeer(source.pieces);
    for (const piece of pieces) source.pieces.delete(piece);
    if (source.counted) availability.addPeer(source.pieces);
    interest.refresh(source);
    this.interestChanged(source);
  }

  /** The source got one more piece. */
  have(source: BlockSource, piece: PieceIndex): void {
    const { availability, interest } = this.#state;
    if (!source.pieces.add(piece)) return;
    if (source.counted) availability.have(piece);
    interest.have(source, piece);
    this.interestChanged(source);
    this.#downloads.refill(source);
  }

  /** The source took one piece back: what was asked of it there is asked of others. */
  lost(source: BlockSource, piece: PieceIndex): void {
    const { availability, interest, sources } = this.#state;
    if (!sources.has(source) || !source.pieces.delete(piece)) return;
    if (source.counted) availability.lost(source.pieces, piece);
    source.allowedFast.delete(piece);
    interest.lost(source, piece);
    const wasAsked = this.#downloads.abandonPiece(source, piece);
    this.interestChanged(source);
    // Else nothing is free that was not: whoever takes back piece after piece makes no work with all others.
    if (wasAsked) this.#downloads.refillAll();
  }

  /** What it has or what we want may have changed: tells it where our interest changed, and asks it for blocks. */
  interestChanged(source: BlockSource): void {
    const interested = this.#state.interest.count(source) > 0;
    if (interested === source.amInterested) return;
    source.amInterested = interested;
    source.tellInterest();
    if (interested) this.#downloads.refill(source);
  }
}
