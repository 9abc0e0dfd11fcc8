import { millis, type Millis } from '../base/ids.ts';
import { GrowingPause } from './growing-pause.ts';

/** More bytes at a time would hold up the event loop for some milliseconds even when all goes well. */
const MOST = 4 << 20;
/**
 * A write into memory takes 1 ms/MiB at most, and somewhat longer where other processes want the core too; one that takes longer
 * than this is slow.
 */
const SLOW = millis(50);

/**
 * Decides when to write on the event loop and not on a thread of the pool. Usually the system copies what is written into its
 * memory, and waking a thread for that costs as much as the copy. But a disk that makes writers wait must hold up nothing else:
 * after a slow write all writes go to the pool for a while.
 */
export class PromptWrites {
  readonly #pause = new GrowingPause();

  /** Whether `length` bytes may be written on the loop. */
  mayWrite(length: number, now: Millis): boolean {
    return length <= MOST && this.#pause.over(now);
  }

  /** A write that was begun on the event loop at `begun` is done. */
  took(begun: Millis, now: Millis): void {
    if (now - begun >= SLOW) this.#pause.start(begun, now);
  }
}
