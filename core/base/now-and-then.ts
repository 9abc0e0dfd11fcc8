import type { Millis } from './ids.ts';

/** Limits something that is asked for often to once a period. */
export class NowAndThen {
  readonly #period: Millis;
  #last: number;

  /** `from`: when the first period begins; without it the first is due at once. */
  constructor(period: Millis, from: number = Number.NEGATIVE_INFINITY) {
    this.#period = period;
    this.#last = from;
  }

  /** Whether a period has passed since this was last true. */
  due(now: Millis): boolean {
    if (now - this.#last < this.#period) return false;
    this.#last = now;
    return true;
  }
}
