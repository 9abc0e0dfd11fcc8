import type { BytesPerSecond, Millis } from '../../base/ids.ts';

/** What a process's uploads did in the last second, while it downloads something. */
export interface UploadSecond {
  /** Time of the wall clock, so that all processes that upload over one line measure it at the same time. */
  readonly wall: Millis;
  /** Bytes of blocks that the system took in that second. */
  readonly sent: number;
  /** Bytes of blocks that wait in sockets. */
  readonly waiting: number;
  /** Payload to us, bytes a second. */
  readonly down: number;
}

/** When this many seconds of uploads wait in sockets, the line takes no more; a block that is just leaving waits too. */
const FULL = 0.1;
/** Whoever sends this part of the limit is held back by the limit, not by the line. */
const HELD = 0.95;
/** The line has to be full for this many seconds before it is measured: the first bytes fill the system's buffers, and tell nothing. */
const FILL = 2;
/** Seconds over which it is measured. */
const MEASURE = 3;
/** Milliseconds of the wall clock after which the line is measured anew. */
const PERIOD = 30_000;
/** Part of the line that is left free. */
const SLACK = 0.1;
/** What each further byte of a download takes of the line: its acknowledgements and requests, 66 bytes for each two segments. */
const ANSWERS = 0.03;
/** However much is downloaded, this part of the line stays for uploads. */
const UPLOADS = 0.5;
/** The first raise of the limit; each one after it is twice the one before. */
const FIRST_STEP = 0.05;
/** Bytes a second. On a faster line nothing is limited: its queues are gone in no time. */
const FAST = 12_500_000;

/**
 * How fast to upload while downloading, so that our answers to those who send to us do not wait behind our uploads: a seed sends
 * less to a peer that acknowledges late, and gives its slots to those that take fastest. When the line takes no more, what it takes
 * is its capacity; the limit stays below that, and is raised now and then until the line is full again.
 */
export class UploadRoom {
  /** Bytes a second that the line took when it was full, and what was downloaded in the meantime. */
  #capacity = 0;
  #downThen = 0;
  /** Bytes a second, 0: none. */
  #limit = 0;
  /** What the next raise adds; undefined while the limit stands. */
  #step: number | undefined = FIRST_STEP;
  #period = 0;
  /** Seconds for which the line has been full, and what left in those that count. */
  #full = 0;
  #sent = 0;

  /** Called once a second; the limit for the next one, 0: none. */
  next({ wall, sent, waiting, down }: UploadSecond): BytesPerSecond {
    const period = Math.floor(wall / PERIOD);
    if (this.#step === undefined) {
      if (period !== this.#period) this.#step = FIRST_STEP;
      this.#limit = this.#below(down);
    } else if (waiting > sent * FULL && (this.#limit === 0 || sent < this.#limit * HELD)) {
      this.#measure(sent, down);
    } else this.#raise(this.#step);
    this.#period = period;
    return Math.round(this.#limit) as BytesPerSecond;
  }

  /** Ends the limit. */
  free(): BytesPerSecond {
    this.#limit = 0;
    this.#step = FIRST_STEP;
    this.#measureAnew();
    return 0 as BytesPerSecond;
  }

  /** To be called while the line takes all that there is: raises the limit. */
  #raise(step: number): void {
    this.#measureAnew();
    if (this.#limit === 0) return;
    this.#limit *= 1 + step;
    this.#step = 2 * step;
    if (this.#limit > FAST) this.free();
  }

  #measure(sent: number, down: number): void {
    this.#full++;
    // Under a limit nearly as high as the line the system's buffers are full already.
    const fill = this.#limit === 0 ? FILL : 0;
    if (this.#full > fill) this.#sent += sent;
    if (this.#full < fill + MEASURE) return;
    const capacity = this.#sent / MEASURE;
    if (capacity < 1 || capacity > FAST) {
      this.free();
      return;
    }
    this.#capacity = capacity;
    this.#downThen = down;
    this.#measureAnew();
    this.#step = undefined;
    // For one second, so that what waits in the sockets can leave.
    this.#limit = capacity * UPLOADS;
  }

  #measureAnew(): void {
    this.#full = 0;
    this.#sent = 0;
  }

  #below(down: number): number {
    const answers = Math.max(0, down - this.#downThen) * ANSWERS;
    return Math.max(this.#capacity * UPLOADS, this.#capacity * (1 - SLACK) - answers);
  }
}
