import { millis, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { mayTake, PieceShare } from '../strategy/pieces/share-map.ts';
import type { DownloadSide } from './download-side.ts';
import type { SwarmState } from './state.ts';

/** Pieces that somebody reads, in order. */
export interface UrgentPieces {
  readonly pieces: Uint32Array;
  /** See `DownloadSide.setUrgent`. */
  readonly hurries: boolean;
  /** A sibling will ask for blocks that come before them. */
  readonly helps: boolean;
}

/** What a sibling asks for is there within this time; so long what peers have in hand suffices. */
const ERRANDS_COME = millis(50);

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

  /** These are fetched before all else. */
  setUrgent({ pieces, hurries, helps }: UrgentPieces): void {
    const { pieceCount } = this.#state.info;
    this.#downloads.setUrgent(
      Array.from(pieces, pieceIndex).filter((piece) => piece < pieceCount),
      hurries,
    );
    if (helps) this.#state.ports.clock.after(ERRANDS_COME, () => this.#downloads.refillAll());
    else this.#refillSoon();
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
      this.#downloads.refillAll();
    });
  }
}
