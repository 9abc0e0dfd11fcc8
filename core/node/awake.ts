import { performance } from 'node:perf_hooks';

/** So often this process shows itself that it runs, in ms. */
const PERIOD = 500;
/** Longer than that without running is no hold-up, such as a busy machine makes: it was stopped, suspended, or its loop blocked. */
const GAP = 2000;
/** For so long after that, what came meanwhile is being heard. */
const SETTLE = 100;

/** Two clocks of the system at one moment, in ms. */
interface Reading {
  /** Since some beginning. Linux does not count what a suspended machine sleeps, others do. */
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * Time as this process lived it. What it did not run is left out of `now`: whoever waits for somebody else would otherwise
 * count it as their silence. It has to be asked, or `look` be called, every half second.
 */
export class Awake {
  readonly #read: () => Reading;
  #last: Reading;
  #now = 0;
  #slept = 0;
  /** By `#now`. */
  #settled = 0;

  constructor(read: () => Reading) {
    this.#read = read;
    this.#last = read();
  }

  /** Never goes back, whatever the system's clock does. */
  now(): number {
    this.look();
    return this.#now;
  }

  /** All that it has not run so far. A clock of the day that was set forward counts, too: it may have been a suspended machine. */
  slept(): number {
    this.look();
    return this.#slept;
  }

  /** It has only just gone on: what others said meanwhile may not have been heard yet. */
  get settling(): boolean {
    this.look();
    return this.#now < this.#settled;
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
    this.#settled = this.#now + SETTLE;
  }
}

/** This process. */
export const awake: Awake = new Awake(() => ({ monotonic: performance.now(), wall: Date.now() }));
setInterval(() => awake.look(), PERIOD).unref();
