import { millis, type Millis } from '../base/ids.ts';

/** The first pause, and one that follows long after the last. */
const FIRST = millis(5000);
/** If the next one comes this soon after the end of the last, it is twice as long. */
const SOON = millis(60_000);
const LONGEST = millis(320_000);

/** How long to leave alone what has just gone wrong: longer each time that it goes wrong again. Pure. */
export class GrowingPause {
  #until = -Infinity;
  #length = FIRST;

  over(now: Millis): boolean {
    return now >= this.#until;
  }

  /** What was begun at `begun` has gone wrong. */
  start(begun: Millis, now: Millis): void {
    this.#length = begun - this.#until < SOON ? millis(Math.min(this.#length * 2, LONGEST)) : FIRST;
    this.#until = now + this.#length;
  }
}
