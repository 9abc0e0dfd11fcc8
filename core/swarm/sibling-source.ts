import type { IdentityIndex, Millis, PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH, type Geometry } from '../metainfo/geometry.ts';
import { blockKey, BlockSource } from './block-source.ts';

/** Who sent a block to a sibling. */
export interface Sender {
  /** By which it is blamed. */
  readonly host: string;
  readonly name: string;
}

/** Asks a sibling for blocks, or says that they are no longer needed. */
export type AskSibling = (sibling: IdentityIndex, piece: PieceIndex, blocks: Uint32Array, wanted: boolean) => void;

/** Most requests that a sibling is asked for at a time: what it has in hand for 0.2 s at 20 MiB/s. */
const MOST_REQUESTS = 256;

/** What its peers have in hand comes first. */
const AT_FIRST = 300 as Millis;

/** A sibling that fetches blocks of one of our pieces for us, from its own peers, as somebody waits for that piece. */
export class SiblingSource extends BlockSource {
  override readonly several = true;
  readonly requestQueue = MOST_REQUESTS;
  readonly name: string;
  readonly host: string;
  readonly sibling: IdentityIndex;
  readonly piece: PieceIndex;
  /** What it receives, bytes a second, as the coordinator sees it: what it brings us says little in so short a time. */
  told: number;
  readonly #askSibling: AskSibling;
  readonly #senders = new Map<number, Sender>();
  #asking: number[] = [];
  #cancelling: number[] = [];

  constructor(
    geometry: Geometry,
    now: Millis,
    help: { readonly sibling: IdentityIndex; readonly piece: PieceIndex; readonly rate: number },
    askSibling: AskSibling,
  ) {
    super(geometry, now);
    this.sibling = help.sibling;
    this.piece = help.piece;
    this.told = help.rate;
    this.rate = help.rate;
    this.name = `identity ${help.sibling + 1}`;
    this.host = this.name;
    this.#askSibling = askSibling;
    this.pieces.add(help.piece);
    this.peerChoking = false;
    this.slowStart = false;
    this.window = MOST_REQUESTS;
    this.quickest = AT_FIRST;
  }

  /** Its peers are counted where they are connected. */
  override get counted(): boolean {
    return false;
  }

  override rateAt(): number {
    return this.told;
  }

  override hostOf(block: number): string | undefined {
    return this.#senders.get(block)?.host;
  }

  override get names(): readonly string[] {
    return [...new Set([...this.#senders.values()].map(({ name }) => name))];
  }

  /** A block comes that a peer of it sent. */
  sentBy(block: number, sender: Sender): void {
    this.#senders.set(block, sender);
  }

  ask(_piece: PieceIndex, begin: number): void {
    this.#asking.push(begin / BLOCK_LENGTH);
  }

  cancel(_piece: PieceIndex, begin: number): void {
    this.#cancelling.push(begin / BLOCK_LENGTH);
  }

  /** Cancels all that it was asked for. */
  cancelAll(): void {
    for (const { block } of this.requests.values()) this.#cancelling.push(block);
    this.flush();
  }

  flush(): void {
    const [cancelling, asking] = [this.#cancelling, this.#asking];
    this.#cancelling = [];
    this.#asking = [];
    if (cancelling.length > 0) this.#askSibling(this.sibling, this.piece, Uint32Array.from(cancelling), false);
    if (asking.length > 0) this.#askSibling(this.sibling, this.piece, Uint32Array.from(asking), true);
  }

  /** Whether a block was asked of it and has not come. */
  owes(block: number): boolean {
    return this.requests.has(blockKey(this.piece, block));
  }

  // It is no connection: it sends nothing that was not asked for.
  tellInterest(): void {}
  dropTarget(): void {}
  pauseReading(): void {}
  resumeReading(): void {}
  ban(): void {}
}
