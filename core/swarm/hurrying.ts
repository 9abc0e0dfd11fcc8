import type { PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { blockKey, type BlockSource } from './block-source.ts';
import type { RequestWindows } from './request-windows.ts';
import type { SwarmState } from './state.ts';

/** What somebody waits for goes before all requests but those that a peer answers within this time (s) and may be sending already. */
const KEPT_SECONDS = 0.2;
const LEAST_KEPT = 2;
/** An answer of a server that is there within this time (s) is not broken off for it. */
const WORTH_WAITING = 2;
/** Of so many requests that were taken back it is remembered that the blocks may come: more than clients give to their sockets. */
const MOST_TAKEN_BACK = 2048;

interface HurryingNeeds {
  /** The block was asked of several sources, and stays with all of them. */
  isAskedTwice(key: number): boolean;
  /** The source will not bring it. */
  gaveUp(source: BlockSource, piece: PieceIndex, block: number): void;
}

/** Takes requests back while somebody waits for pieces: what stands in their way. */
export class Hurrying {
  readonly #state: SwarmState;
  readonly #windows: RequestWindows;
  readonly #needs: HurryingNeeds;

  constructor(state: SwarmState, windows: RequestWindows, needs: HurryingNeeds) {
    this.#state = state;
    this.#windows = windows;
    this.#needs = needs;
  }

  /** Somebody waits for other pieces than before: takes back what is waiting at peers, so that these are asked for at once. */
  makeWay(first: readonly PieceIndex[]): void {
    const { sources, ports } = this.#state;
    const now = ports.clock.now();
    this.#windows.lookAgain();
    for (const source of sources) {
      this.#windows.resize(source, now);
      // A server sends what it was asked for as one answer: to break that off costs another connection.
      if (source.runs !== undefined && source.requests.size * BLOCK_LENGTH < source.rate * WORTH_WAITING) continue;
      let kept = Math.max(LEAST_KEPT, Math.ceil((source.rate * KEPT_SECONDS) / BLOCK_LENGTH));
      for (const { piece, block } of source.requests.values())
        if (kept-- <= 0 && !first.includes(piece)) this.#takeBack(source, piece, block);
      source.flush();
    }
  }

  #takeBack(source: BlockSource, piece: PieceIndex, block: number): void {
    const key = blockKey(piece, block);
    if (this.#needs.isAskedTwice(key)) return;
    if (source.receiving?.piece === piece && source.receiving.block === block) return;
    source.requests.delete(key);
    if (source.takenBack.size < MOST_TAKEN_BACK) source.takenBack.add(key);
    source.cancel(piece, block * BLOCK_LENGTH, this.#state.geometry.blockSize(piece, block));
    this.#needs.gaveUp(source, piece, block);
  }
}
