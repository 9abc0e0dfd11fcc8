import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { blockKey } from './block-source.ts';
import type { DownloadSide } from './download-side.ts';
import type { LentBlock, SwarmState } from './state.ts';

/** What siblings ask us to fetch for them from our peers: pieces that somebody waits for, which stay theirs. */
export class Lending {
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;

  constructor(state: SwarmState, downloads: DownloadSide) {
    this.#state = state;
    this.#downloads = downloads;
    state.share.onChange((piece, now) => {
      // It is ours now, or there: nobody is to ask for a block of it twice.
      if (!state.share.mayRequest(piece) && now !== PieceShare.present) return;
      const dropped = this.#drop(piece);
      // The sibling goes on with it, and asks others for these.
      if (now === PieceShare.both) this.#giveBack(dropped);
    });
  }

  /** A sibling asks for blocks of its piece (`wanted`), or needs them no more. */
  asked(sibling: IdentityIndex, piece: PieceIndex, blocks: Uint32Array, wanted: boolean): void {
    const { geometry } = this.#state;
    if (piece >= geometry.pieceCount) return;
    const { errands } = this.#downloads;
    if (!wanted) {
      // Another one may have asked for it since, whose piece it is now.
      for (const block of blocks)
        if (errands.sibling(blockKey(piece, block)) === sibling) this.#downloads.dropErrand(piece, block);
      return;
    }
    const refused = this.#mayFetch(piece) ? errands.add(sibling, piece, blocks) : blocks;
    if (refused.length > 0) this.#state.events.brought({ sibling, piece, block: refused[0] ?? 0 });
    else this.#downloads.refillAll();
  }

  /** Once a second: what nobody here can bring any more is given back. */
  tick(): void {
    this.#giveBack(this.#downloads.errands.takeHopeless((lent) => this.#isThere(lent)));
  }

  /** It leaves the swarm, and brings nothing any more. */
  halt(): void {
    this.#giveBack(this.#downloads.errands.takeAll());
  }

  #mayFetch(piece: PieceIndex): boolean {
    const { share } = this.#state;
    return !share.mayRequest(piece) && share.get(piece) !== PieceShare.present && this.#isThere(piece);
  }

  /** Whether a source that could be asked has a piece. */
  #isThere(piece: PieceIndex): boolean {
    for (const source of this.#state.sources) if (this.#downloads.mayRunErrand(source, piece)) return true;
    return false;
  }

  #drop(piece: PieceIndex): LentBlock[] {
    const errands = this.#downloads.errands.of(piece);
    for (const { block } of errands) this.#downloads.dropErrand(piece, block);
    return errands;
  }

  #giveBack(errands: readonly LentBlock[]): void {
    for (const { sibling, piece, block } of errands) this.#state.events.brought({ sibling, piece, block });
  }
}
