import type { Millis } from '../base/ids.ts';

/** How long a visit is remembered. */
const WHILE = 1_800_000;
/** Most machines that are remembered; the oldest one is forgotten first. */
const MOST = 4096;

interface Visited {
  readonly times: number;
  readonly until: number;
}

/**
 * How often peers of each machine came and went lately with nothing exchanged. Whoever hangs up and comes again is new each time,
 * and must not be treated as new each time.
 */
export class Visits {
  /** The oldest first. */
  readonly #machines = new Map<string, Visited>();

  /** A peer of this machine went. `traded`: a block was exchanged with it. */
  ended(machine: string, traded: boolean, now: Millis): void {
    const times = traded ? 0 : this.of(machine, now) + 1;
    this.#machines.delete(machine);
    if (times > 0) this.#machines.set(machine, { times, until: now + WHILE });
    for (const [oldest, { until }] of this.#machines) {
      if (this.#machines.size <= MOST && until > now) return;
      this.#machines.delete(oldest);
    }
  }

  of(machine: string, now: Millis): number {
    const visited = this.#machines.get(machine);
    return visited !== undefined && visited.until > now ? visited.times : 0;
  }
}
