import type { Millis } from '../base/ids.ts';

/** A timer that has been set. */
export interface Timer {
  /** Unsets it; harmless after it has fired. */
  cancel(): void;
}

/** Time as the core sees it. The real one stands in `core/node`, the virtual one in `core/sim`. */
export interface Clock {
  /**
   * Monotonic time; only differences mean something. What this process did not run does not count: others may have spoken
   * meanwhile, and were not heard.
   */
  now(): Millis;
  /** How long this process has not run so far: stopped, held up, or on a machine that was suspended. With `now`, what passed for others. */
  slept(): Millis;
  /** Time of day, Unix milliseconds, for people, logs and leases alone. */
  wall(): Millis;
  /** Runs `task` once after `delay`. */
  after(delay: Millis, task: () => void): Timer;
  /** Runs `task` every `period`, first after one period. */
  every(period: Millis, task: () => void): Timer;
  /** Runs `task` once the current events have been handled, before time passes. */
  soon(task: () => void): void;
}
