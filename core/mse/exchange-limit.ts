import { Allowance, Allowances } from '../base/allowance.ts';
import type { Millis } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';

/** Key exchanges a second, and at once; each takes most of a millisecond of the processor. */
const ALL = { rate: 50, most: 200 };
/** The same of one machine, loopback excepted: peers behind one address come in numbers only when a torrent starts. */
const EACH = { rate: 2, most: 64 };
/** Machines that are counted; of more, those that came first are forgotten. */
const MOST_MACHINES = 1000;

/** Bounds what strangers can make us compute. */
export class ExchangeLimit {
  readonly #all = new Allowance(ALL, 0 as Millis);
  readonly #machines = new Allowances(EACH, MOST_MACHINES);

  /** Whether an exchange with this host is still within the limits; counts it then. */
  take(host: string, now: Millis): boolean {
    if (!this.#all.has(now) || (!isLoopback(host) && !this.#machines.take(networkOf(host), now))) return false;
    return this.#all.take(now);
  }
}
