import type { BytesPerSecond, Millis } from '../base/ids.ts';

/** What a swarm's uploads did in the last second, and what it downloads. */
export interface UploadSecond {
  /** Of the wall clock, so that all that upload over one line measure it at the same time. */
  readonly wall: Millis;
  /** Bytes of blocks that the system took. */
  readonly sent: number;
  /** Bytes of blocks that wait in sockets. */
  readonly waiting: number;
  /** Payload to us, bytes a second; undefined where nobody of ours has anything to download. */
  readonly down: number | undefined;
}

/** Seconds of uploads that wait in sockets where the line takes no more; a block that is just leaving waits too. */
const FULL = 0.1;
/** Who sends so much of the limit is held by it, not by the line. */
const HELD = 0.95;
/** The line is full for so many seconds before it is believed; the first fill the system's buffers, and tell nothing. */
const FILL = 2;
const MEASURE = 2;
/** So long the limit stands before the line is measured anew. */
const HOLD = 30_000;
/** What is left free of the line, and what acknowledgements and requests of a download take: 66 bytes for each two segments. */
const SLACK = 0.05;
const ANSWERS = 0.03;
/** However much is downloaded, so much of the line stays for uploads. */
const LEAST = 0.5;
const FIRST_STEP = 0.05;
/** A faster line is left alone: its queues are gone in no time. */
const FAST = 12_500_000;

/**
 * How fast to upload while downloading, so that what we answer to those who send to us does not stand in line behind our
 * uploads: a seed sends less to who acknowledges late, and gives its slots to who takes fastest. Where the line takes no more,
 * what it takes is its capacity; the limit stays below that, and is raised now and then until the line is full again.
 */
export class UploadRoom {
  #capacity = 0;
  /** 0: none. */
  #limit = 0;
  /** What the next raise adds; undefined while the limit stands. */
  #step: number | undefined = FIRST_STEP;
  #slot = 0;
  #full = 0;
  #sent = 0;

  /** Called once a second; the limit for the next one, 0: none. */
  next({ wall, sent, waiting, down }: UploadSecond): BytesPerSecond {
    const slot = Math.floor(wall / HOLD);
    if (down === undefined) this.#free();
    else if (this.#step === undefined) {
      if (slot !== this.#slot) this.#step = FIRST_STEP;
      this.#limit = this.#below(down);
    } else if (waiting > sent * FULL && (this.#limit === 0 || sent < this.#limit * HELD)) this.#measure(sent);
    else this.#raise(this.#step);
    this.#slot = slot;
    return Math.round(this.#limit) as BytesPerSecond;
  }

  /** The line takes all that there is. */
  #raise(step: number): void {
    this.#full = 0;
    this.#sent = 0;
    if (this.#limit === 0) return;
    this.#limit *= 1 + step;
    this.#step = 2 * step;
    if (this.#limit > FAST) this.#free();
  }

  #measure(sent: number): void {
    this.#full++;
    // What the limit let through does not fill the system's buffers: they are full of it already.
    const fill = this.#limit === 0 ? FILL : 0;
    if (this.#full > fill) this.#sent += sent;
    if (this.#full < fill + MEASURE) return;
    this.#capacity = this.#sent / MEASURE;
    this.#full = 0;
    this.#sent = 0;
    if (this.#capacity > FAST) return this.#free();
    this.#step = undefined;
    // For a second: what waits in the sockets leaves.
    this.#limit = this.#capacity * LEAST;
  }

  #below(down: number): number {
    return Math.max(this.#capacity * LEAST, this.#capacity * (1 - SLACK) - down * ANSWERS);
  }

  #free(): void {
    this.#limit = 0;
    this.#step = FIRST_STEP;
    this.#full = 0;
    this.#sent = 0;
  }
}
