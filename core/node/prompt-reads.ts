import type { Millis } from '../base/ids.ts';
import { GrowingPause } from './growing-pause.ts';

/** Bytes: what an upload reads at a time. */
const MOST = 256 << 10;
/** What a read from the system's memory takes at most where nobody else wants the core: so long (ms), and so long for each byte. */
const CALL = 0.1;
const BYTE = 1.5 / (1 << 20);
/** Reads that take longer than that by so much in all (ms), those taken off that were quicker, come from a disk. */
const SLOW = 10;

/**
 * Decides when to read on the event loop and not on a thread of the pool. What is uploaded lies in the system's memory as a rule, and
 * to wake a thread for it costs as much as the copy. But nothing may wait for a disk: once reads are slow, all go to the pool for a while.
 */
export class PromptReads {
  readonly #pause = new GrowingPause();
  #behind = 0;

  /** Whether `length` bytes may be read on the loop. */
  mayRead(length: number, now: Millis): boolean {
    return length <= MOST && this.#pause.over(now);
  }

  /** A read of `length` bytes that was begun on the event loop at `begun` is done. */
  took(length: number, begun: Millis, now: Millis): void {
    this.#behind = Math.max(0, this.#behind + (now - begun) - CALL - length * BYTE);
    if (this.#behind < SLOW) return;
    this.#behind = 0;
    this.#pause.start(begun, now);
  }
}
