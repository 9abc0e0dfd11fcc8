import { piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { mayTake, PieceShare } from '../strategy/pieces/share-map.ts';
import type { DownloadSide } from './download-side.ts';
import type { SwarmState } from './state.ts';

/** What it does when other pieces are to be fetched than before: drops what is begun of the ones, and asks for the others. */
export class Demand {
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;
  readonly #dropBegun: (piece: PieceIndex) => void;
  #refilling = false;

  constructor(state: SwarmState, downloads: DownloadSide, dropBegun: (piece: PieceIndex) => void) {
    this.#state = state;
    this.#downloads = downloads;
    this.#dropBegun = dropBegun;
  }

  /** These are fetched before all else, in this order. `hurries`: see `DownloadSide.setUrgent`. */
  setUrgent(pieces: Uint32Array, hurries: boolean): void {
    const { pieceCount } = this.#state.info;
    this.#downloads.setUrgent(
      Array.from(pieces, pieceIndex).filter((piece) => piece < pieceCount),
      hurries,
    );
    this.#refillSoon();
  }

  /** To be called for each piece whose share is another one. */
  shareChanged(piece: PieceIndex, now: PieceShare, was: PieceShare): void {
    // The piece now belongs to a sibling, or is not wanted: drops what was begun of it.
    if (mayTake(was) && (now === PieceShare.theirs || now === PieceShare.unwanted)) this.#dropBegun(piece);
    if ((now === PieceShare.mine || now === PieceShare.both) && was !== now) this.#refillSoon();
  }

  /** Pieces were granted: asks waiting peers, once for the whole batch. */
  #refillSoon(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    this.#state.ports.clock.soon(() => {
      this.#refilling = false;
      for (const source of this.#state.sources) this.#downloads.refill(source);
    });
  }
}
