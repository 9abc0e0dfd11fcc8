import type { Millis } from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import { awake } from './awake.ts';
import { beat } from './beat.ts';

/** Time-outs are as coarse as this, in ms. */
const PERIOD = 1000;

/** Something that has time-outs. */
export interface Swept {
  /** Called about once a second with the monotonic time that this process ran. */
  sweep(now: number): void;
}

const members = new Set<Swept>();
let timer: Timer | undefined;

/** One task for all sockets of the process: a timer for each socket would have to be reset with every read. */
export const sweeper = {
  add(member: Swept): void {
    members.add(member);
    timer ??= beat.every(PERIOD, sweep, true);
  },

  delete(member: Swept): void {
    members.delete(member);
    if (members.size > 0) return;
    timer?.cancel();
    timer = undefined;
  },
};

function sweep(): void {
  // What peers sent while this process did not run is read first.
  if (awake.settling) return;
  const now = awake.now();
  for (const each of members) each.sweep(now);
}

/** Measures how long nothing has happened. `stir` only stores a flag; the sweep alone reads the clock. */
export class Quiet {
  readonly #limit: Millis;
  #stirred = true;
  #since = 0;

  constructor(limit: Millis) {
    this.#limit = limit;
  }

  stir(): void {
    this.#stirred = true;
  }

  /** Whether nothing has stirred for longer than the limit. */
  over(now: number): boolean {
    if (this.#stirred) {
      this.#stirred = false;
      this.#since = now;
      return false;
    }
    return now - this.#since >= this.#limit;
  }
}
