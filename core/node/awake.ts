import { performance } from 'node:perf_hooks';

/** What counts of a time in which this process did not run, in ms. */
const PERIOD = 500;
/** A busy machine does not hold up a process for longer than this (ms): it was stopped or suspended, or its event loop was blocked. */
const GAP = 2500;
/** For this long after that, messages that came meanwhile are being handled, in ms. */
const SETTLE = 100;

/** Two clocks of the system at one moment, in ms. */
interface Reading {
  /** Time since some point in the past. Linux does not count the time of a suspended machine, other systems do. */
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * Time as this process experienced it. Time in which it did not run is left out of `now`, or it would count as silence of those
 * whom somebody waits for. `now` or `look` has to be called every second.
 */
export class AwakeTime {
  readonly #read: () => Reading;
  #last: Reading;
  #now = 0;
  #slept = 0;
  /** By `#now`. */
  #unsettledUntil = 0;

  constructor(read: () => Reading) {
    this.#read = read;
    this.#last = read();
  }

  /** Never goes back, whatever the system's clock does. */
  now(): number {
    this.look();
    return this.#now;
  }

  /** How long it has not run so far. A time of day that was set forward counts, too, as the machine may have been suspended. */
  slept(): number {
    this.look();
    return this.#slept;
  }

  /** Whether it has only just resumed, so that messages of others from meanwhile may not have been handled yet. */
  get settling(): boolean {
    this.look();
    return this.#now < this.#unsettledUntil;
  }

  look(): void {
    const reading = this.#read();
    const passed = Math.max(0, reading.monotonic - this.#last.monotonic);
    const byWall = reading.wall - this.#last.wall;
    this.#last = reading;
    if (passed > GAP) this.#now += PERIOD;
    else this.#now += passed;
    const gap = Math.max(passed, byWall);
    if (gap <= GAP) return;
    this.#slept += gap - PERIOD;
    this.#unsettledUntil = this.#now + SETTLE;
  }
}

/** The clock of this process; `beat` looks at it. */
export const awake: AwakeTime = new AwakeTime(() => ({ monotonic: performance.now(), wall: Date.now() }));
