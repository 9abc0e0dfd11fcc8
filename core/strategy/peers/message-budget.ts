import { type Millis, millis } from '../../base/ids.ts';

/** What a peer may send us for nothing: messages a second on average. Honest ones send some dozens. */
const RATE = 2000;
/** What it may send at once besides one message a piece, as some clients tell each piece that they have. */
const BURST = 30_000;
/** Messages that go with a block, such as its request, a cancel, a reject and the news of its piece. */
const PER_BLOCK = 4;
const BLOCK = 16_384;
/** So many bytes of messages cost as much as a further message: long ones are read in full. */
const PER_BYTES = 2048;

/** What came over a connection, from its beginning. */
export interface MessagesSoFar {
  /** Without blocks. */
  readonly messages: number;
  /** Bytes of these. */
  readonly bytes: number;
  /** Bytes of blocks, either way. */
  readonly blocks: number;
}

/** How many messages of one peer are handled, so that no flood of them takes the time that others need. A pure count: no clock. */
export class MessageBudget {
  /** Messages that it may still send now; below 0: it has to wait. */
  #left: number | undefined;
  #at: Millis | undefined;
  #spent = 0;

  /** How long nothing more of it is to be read; 0: go on. `pieces`: how many the torrent has. */
  rest({ messages, bytes, blocks }: MessagesSoFar, pieces: number, now: Millis): Millis {
    const most = BURST + pieces;
    const refill = this.#at === undefined ? 0 : ((now - this.#at) / 1000) * RATE;
    this.#at = now;
    const spent = messages + bytes / PER_BYTES - (PER_BLOCK * blocks) / BLOCK;
    this.#left = Math.min(most, (this.#left ?? most) + refill - (spent - this.#spent));
    this.#spent = spent;
    return millis(this.#left >= 0 ? 0 : Math.ceil((-this.#left / RATE) * 1000));
  }
}
