import type { Millis } from './ids.ts';
import { keepNewest } from './keep-newest.ts';

/** How often something may be done: so often at once, and again so often a second. */
export interface AllowanceRate {
  readonly rate: number;
  readonly most: number;
}

/** Counts what is done, and says when it is too much. It has no timer: every call says what time it is. */
export class Allowance {
  readonly #rate: AllowanceRate;
  #left: number;
  #at: Millis;

  /** Starts full. */
  constructor(rate: AllowanceRate, now: Millis) {
    this.#rate = rate;
    this.#left = rate.most;
    this.#at = now;
  }

  /** Whether it may be done once more. */
  has(now: Millis): boolean {
    const { rate, most } = this.#rate;
    this.#left = Math.min(most, this.#left + ((now - this.#at) * rate) / 1000);
    this.#at = now;
    return this.#left >= 1;
  }

  /** As `has`; counts it then. */
  take(now: Millis): boolean {
    if (!this.has(now)) return false;
    this.#left--;
    return true;
  }
}

/** An allowance for each of those who do something; of more than `count` of them, those that did it first are forgotten. */
export class Allowances {
  readonly #rate: AllowanceRate;
  readonly #count: number;
  readonly #all = new Map<string, Allowance>();

  constructor(rate: AllowanceRate, count: number) {
    this.#rate = rate;
    this.#count = count;
  }

  take(who: string, now: Millis): boolean {
    const its = this.#all.get(who) ?? new Allowance(this.#rate, now);
    if (!its.take(now)) return false;
    this.#all.delete(who);
    this.#all.set(who, its);
    keepNewest(this.#all, this.#count);
    return true;
  }
}
