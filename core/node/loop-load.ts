import type { Millis } from '../base/ids.ts';

/** The loop's load is looked at over so long: what comes in bursts is over sooner. */
const SPAN = 1000;
/** Above this part of the time the loop has none to spare. */
const FULL = 0.95;
/** So many of the machine's cores must have had nothing to do, or a thread would only take turns with who is there. */
const FREE_CORES = 0.5;

/** What has been until now, each in milliseconds from some beginning. */
export interface LoadSample {
  readonly now: Millis;
  /** The event loop was at work. */
  readonly active: Millis;
  /** All cores of the machine together had nothing to do. */
  readonly idle: Millis;
}

/**
 * Whether the event loop holds things up that another core could do. As long as it has time to spare it does best what a
 * thread could do: to start a thread, wake it for each piece and hear from it costs half of what hashing costs itself.
 */
export class LoopLoad {
  readonly #sample: () => LoadSample;
  #last: LoadSample | undefined;

  /** `sample` is asked once a span. */
  constructor(sample: () => LoadSample) {
    this.#sample = sample;
  }

  /** To be asked whenever there is something to do; true once, at the end of a span in which it was so. */
  isFull(now: Millis): boolean {
    const last = this.#last;
    if (last !== undefined && now - last.now < SPAN) return false;
    const sample = this.#sample();
    this.#last = sample;
    if (last === undefined) return false;
    const span = sample.now - last.now;
    return sample.active - last.active > FULL * span && sample.idle - last.idle > FREE_CORES * span;
  }
}
