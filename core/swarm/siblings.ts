import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { Bitfield } from '../base/bitfield.ts';
import type { BlockSources } from './block-sources.ts';
import type { DownloadSide } from './download-side.ts';
import { type AskSibling, SiblingSource } from './sibling-source.ts';
import type { LentBlock, SwarmState } from './state.ts';

/** A sibling that may be asked for blocks of one of our pieces. */
export interface HelpingSibling {
  readonly sibling: IdentityIndex;
  readonly piece: PieceIndex;
  /** What it receives, bytes a second. */
  readonly rate: number;
}

/** The siblings that help us with pieces that somebody waits for: each is a source of blocks of that piece. */
export class Siblings {
  readonly #state: SwarmState;
  readonly #sources: BlockSources;
  readonly #downloads: DownloadSide;
  readonly #ask: AskSibling;
  readonly #helping: SiblingSource[] = [];
  /** What was told last, which holds as long as nothing else is told, also while we are out of the swarm. */
  #told: readonly HelpingSibling[] = [];
  #runs = false;

  constructor(state: SwarmState, sources: BlockSources, downloads: DownloadSide, ask: AskSibling) {
    this.#state = state;
    this.#sources = sources;
    this.#downloads = downloads;
    this.#ask = ask;
  }

  /** These help from now on, and no others. */
  set(helping: readonly HelpingSibling[]): void {
    this.#told = helping;
    if (this.#runs) this.#apply(helping);
  }

  start(): void {
    this.#runs = true;
    this.#apply(this.#told);
  }

  stop(): void {
    this.#runs = false;
    this.#apply([]);
  }

  /** A sibling brings a block, or says that it cannot (`data` undefined): then it is not asked for this piece any more. */
  brought({ sibling, piece, block, data, sender }: LentBlock): void {
    const source = this.#of(sibling, piece);
    if (source === undefined) {
      // We no longer need its help; it came all the same.
      this.#state.totals.wasted += data?.length ?? 0;
    } else if (data === undefined) this.#end(source);
    else {
      if (sender !== undefined && source.owes(block)) source.sentBy(block, sender);
      this.#downloads.lent(source, piece, block, data);
    }
  }

  #apply(helping: readonly HelpingSibling[]): void {
    const { geometry, ports, self } = this.#state;
    const gone = this.#helping.filter(
      (source) => !helping.some(({ sibling, piece }) => source.sibling === sibling && source.piece === piece),
    );
    for (const source of gone) this.#end(source);
    const fresh: SiblingSource[] = [];
    for (const help of helping) {
      if (help.piece >= geometry.pieceCount || help.sibling === self.identity || help.sibling >= self.count) continue;
      const known = this.#of(help.sibling, help.piece);
      if (known !== undefined) {
        known.told = help.rate;
        continue;
      }
      const source = new SiblingSource(geometry, ports.clock.now(), help, this.#ask);
      this.#helping.push(source);
      this.#sources.join(source);
      fresh.push(source);
    }
    if (fresh.length === 0) return;
    // Each takes its part at once. Our own peers have it soonest, and are asked first.
    this.#downloads.share(fresh);
    for (const source of fresh) {
      const pieces = new Bitfield(geometry.pieceCount);
      pieces.add(source.piece);
      this.#sources.has(source, pieces);
    }
  }

  #of(sibling: IdentityIndex, piece: PieceIndex): SiblingSource | undefined {
    return this.#helping.find((source) => source.sibling === sibling && source.piece === piece);
  }

  #end(source: SiblingSource): void {
    this.#helping.splice(this.#helping.indexOf(source), 1);
    source.cancelAll();
    this.#sources.leave(source);
    this.#downloads.refillAll();
  }
}
