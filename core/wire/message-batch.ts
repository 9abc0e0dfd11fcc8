import type { PieceIndex } from '../base/ids.ts';
import { LONGEST_SHORT_MESSAGE, writeMessage, writePieceHeader } from './encode.ts';
import { MessageId } from './message-id.ts';

/** What the buffer is cut back to when a burst has made it larger. */
const USUAL_CAPACITY = 1024;

/** Collects short messages, in order, so that many leave in one write. */
export class MessageBatch {
  readonly #due: (() => void) | undefined;
  #buffer = new Uint8Array(64);
  #size = 0;
  /** It was told that there is something to send. */
  #told = false;

  /** `due` is called with the first message that cannot wait. */
  constructor(due?: () => void) {
    this.#due = due;
  }

  /** Bytes since the last `take`. */
  get size(): number {
    return this.#size;
  }

  /** All messages since the last `take`, in memory that nothing changes later; undefined where there are none. */
  take(): Uint8Array | undefined {
    if (this.#size === 0) return undefined;
    const out = this.#buffer.slice(0, this.#size);
    this.#size = 0;
    this.#told = false;
    if (this.#buffer.length > USUAL_CAPACITY) this.#buffer = new Uint8Array(USUAL_CAPACITY);
    return out;
  }

  keepAlive(): void {
    this.#room();
    this.#buffer.fill(0, this.#size, this.#size + 4);
    this.#grew(this.#size + 4);
  }

  choke(): void {
    this.#put(MessageId.choke);
  }

  unchoke(): void {
    this.#put(MessageId.unchoke);
  }

  interested(): void {
    this.#put(MessageId.interested);
  }

  notInterested(): void {
    this.#put(MessageId.notInterested);
  }

  have(piece: PieceIndex): void {
    this.#put(MessageId.have, piece);
  }

  /** As `have`, but it waits for the next message, or until whoever says so takes the batch. */
  haveLater(piece: PieceIndex): void {
    this.#room();
    this.#size = writeMessage(this.#buffer, this.#size, MessageId.have, piece);
  }

  request(piece: PieceIndex, begin: number, length: number): void {
    this.#put(MessageId.request, piece, begin, length);
  }

  cancel(piece: PieceIndex, begin: number, length: number): void {
    this.#put(MessageId.cancel, piece, begin, length);
  }

  /** All of a `piece` message but its payload: whoever says so takes this batch, and sends that right after it. */
  pieceHeader(piece: PieceIndex, begin: number, length: number): void {
    this.#room();
    this.#size = writePieceHeader(this.#buffer, this.#size, piece, begin, length);
  }

  haveAll(): void {
    this.#put(MessageId.haveAll);
  }

  haveNone(): void {
    this.#put(MessageId.haveNone);
  }

  suggest(piece: PieceIndex): void {
    this.#put(MessageId.suggest, piece);
  }

  reject(piece: PieceIndex, begin: number, length: number): void {
    this.#put(MessageId.reject, piece, begin, length);
  }

  allowedFast(piece: PieceIndex): void {
    this.#put(MessageId.allowedFast, piece);
  }

  #put(id: number, a?: number, b?: number, c?: number): void {
    this.#room();
    this.#grew(writeMessage(this.#buffer, this.#size, id, a, b, c));
  }

  /** Makes room for one more message. */
  #room(): void {
    if (this.#size + LONGEST_SHORT_MESSAGE <= this.#buffer.length) return;
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = larger;
  }

  #grew(size: number): void {
    this.#size = size;
    if (this.#told) return;
    this.#told = true;
    this.#due?.();
  }
}
