import type { Bitfield } from '../base/bitfield.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { BlockSource } from './block-source.ts';
import type { DownloadSide } from './download-side.ts';
import type { SwarmState } from './state.ts';
import type { ReadThrottle } from './throttle.ts';

/** Where a source of blocks that is no peer says what it has, and gives what it brings. */
export interface BlockIntake {
  readonly sources: BlockSources;
  readonly downloads: DownloadSide;
}

/** Whom blocks are asked of, and what each of them has: who comes, who goes, in whom we are interested (A10). */
export class BlockSources {
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;
  readonly #throttle: ReadThrottle;

  constructor(state: SwarmState, downloads: DownloadSide, throttle: ReadThrottle) {
    this.#state = state;
    this.#downloads = downloads;
    this.#throttle = throttle;
  }

  /** It may be asked from now on; what it has it says afterwards. */
  join(source: BlockSource): void {
    this.#state.sources.add(source);
    this.#state.interest.addPeer(source);
    if (this.#throttle.held) source.pauseReading();
  }

  /** Nothing more comes from it. */
  leave(source: BlockSource): void {
    const { sources, availability, interest } = this.#state;
    if (!sources.delete(source)) return;
    this.#downloads.abandon(source);
    this.#throttle.forget(source);
    availability.removePeer(source.pieces);
    interest.removePeer(source);
  }

  /** It has these, which it says once. */
  has(source: BlockSource, pieces: Bitfield): void {
    const { availability, interest } = this.#state;
    source.pieces.assign(pieces);
    availability.addPeer(source.pieces);
    interest.refresh(source);
    this.interestChanged(source);
  }

  /** It got one more. */
  have(source: BlockSource, piece: PieceIndex): void {
    const { availability, interest } = this.#state;
    if (!source.pieces.add(piece)) return;
    availability.have(piece);
    interest.have(source, piece);
    this.interestChanged(source);
    this.#downloads.refill(source);
  }

  /** What it has or what we want may have changed: it is told, and asked, where that is so. */
  interestChanged(source: BlockSource): void {
    const interested = this.#state.interest.count(source) > 0;
    if (interested === source.amInterested) return;
    source.amInterested = interested;
    source.tellInterest();
    if (interested) this.#downloads.refill(source);
  }
}
