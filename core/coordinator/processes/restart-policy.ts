import { type Millis, millis } from '../../base/ids.ts';

/** A process with this many deaths within the window is given up. */
const MAX_DEATHS = 5;
const WINDOW = millis(5 * 60_000);
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;

/** How long to wait before a process that died is started again: 1, 2, 4 s and so on up to 30 s. Pure. */
export class RestartPolicy {
  #deaths: Millis[] = [];

  /** Time until the next start; undefined: given up. */
  died(now: Millis): Millis | undefined {
    this.#deaths = this.#deaths.filter((at) => now - at < WINDOW);
    this.#deaths.push(now);
    if (this.#deaths.length >= MAX_DEATHS) return undefined;
    return millis(Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (this.#deaths.length - 1)));
  }

  forget(): void {
    this.#deaths = [];
  }
}
