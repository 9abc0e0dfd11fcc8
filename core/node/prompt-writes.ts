import { millis, type Millis } from '../base/ids.ts';

/** More at a time would hold up the loop for some milliseconds even where all goes well, bytes. */
const MOST = 4 << 20;
/** What goes to memory takes 1 ms/MiB at most, and a while longer where other processes want the core too. */
const SLOW = millis(50);
/** So long writes go to the pool after one that was slow. */
const PAUSE = millis(5000);
/** Whoever is slow again so soon after that waits twice as long the next time. */
const SOON = millis(60_000);
const LONGEST = millis(320_000);

/**
 * When to write on the event loop and not on a thread of the pool. A system takes what is written into its memory, and waking
 * a thread for that costs as much as the copy. But a disk that makes writers wait must hold up nothing else: after a slow
 * write all go to the pool for a while.
 */
export class PromptWrites {
  #poolUntil = -Infinity;
  #pause = PAUSE;

  /** Whether `length` bytes may be written on the loop. */
  mayWrite(length: number, now: Millis): boolean {
    return length <= MOST && now >= this.#poolUntil;
  }

  /** One that was begun on the loop at `begun` is done. */
  took(begun: Millis, now: Millis): void {
    if (now - begun < SLOW) return;
    this.#pause = begun - this.#poolUntil < SOON ? millis(Math.min(this.#pause * 2, LONGEST)) : PAUSE;
    this.#poolUntil = now + this.#pause;
  }
}
