import type { Millis } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';

/** Key exchanges a second, and at once; each takes most of a millisecond of the processor. */
const ALL = { rate: 50, most: 200 };
/** The same of one machine, loopback excepted: peers behind one address come in numbers only when a torrent starts. */
const EACH = { rate: 2, most: 64 };
/** Machines that are counted; of more, those that came first are forgotten. */
const MOST_MACHINES = 1000;

/** How many exchanges are left, and when that was. */
interface Allowance {
  left: number;
  at: Millis;
}

/** Bounds what strangers can make us compute. */
export class ExchangeLimit {
  readonly #all: Allowance = { left: ALL.most, at: 0 as Millis };
  readonly #machines = new Map<string, Allowance>();

  /** Whether an exchange with this host is still within the limits; counts it then. */
  take(host: string, now: Millis): boolean {
    fill(this.#all, ALL, now);
    if (this.#all.left < 1 || (!isLoopback(host) && !this.#takeOf(networkOf(host), now))) return false;
    this.#all.left--;
    return true;
  }

  #takeOf(machine: string, now: Millis): boolean {
    const its = this.#machines.get(machine) ?? { left: EACH.most, at: now };
    fill(its, EACH, now);
    if (its.left < 1) return false;
    its.left--;
    this.#machines.delete(machine);
    for (const oldest of this.#machines.keys()) {
      if (this.#machines.size < MOST_MACHINES) break;
      this.#machines.delete(oldest);
    }
    this.#machines.set(machine, its);
    return true;
  }
}

function fill(allowance: Allowance, { rate, most }: { rate: number; most: number }, now: Millis): void {
  allowance.left = Math.min(most, allowance.left + ((now - allowance.at) * rate) / 1000);
  allowance.at = now;
}
