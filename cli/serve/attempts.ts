import type { Clock } from '../../core/ports/clock.ts';

/** After this many wrong tokens in a row an address has to wait. */
const FREE_TRIES = 5;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 15 * 60_000;
/** Most addresses whose failures are remembered; the one that failed longest ago is forgotten first. */
const MAX_REMEMBERED = 1000;

interface Failures {
  count: number;
  until: number;
}

/** Counts wrong tokens and passwords by address, and says who has to wait. */
export class Attempts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Seconds until an address is heard again. */
  wait(address: string): number {
    return Math.max(0, Math.ceil(((this.#failures.get(address)?.until ?? 0) - this.#clock.now()) / 1000));
  }

  right(address: string): void {
    this.#failures.delete(address);
  }

  wrong(address: string): void {
    const now = this.#clock.now();
    const failures = this.#failures.get(address) ?? { count: 0, until: 0 };
    failures.count++;
    const beyond = failures.count - FREE_TRIES;
    if (beyond >= 0) failures.until = now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** beyond);
    this.#failures.delete(address);
    this.#failures.set(address, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}
