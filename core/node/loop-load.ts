import type { Millis } from '../base/ids.ts';

/** The loop's load is measured over this span (ms): bursts are shorter. */
const SPAN = 1000;
/** If the loop is busy for more than this part of the time, it has none to spare. */
const FULL = 0.95;
/** This much of the machine's cores must have been idle, or a thread would only take turns with whatever runs already. */
const FREE_CORES = 0.5;

/** What has been until now, each in milliseconds from some point in the past. */
export interface LoadSample {
  readonly now: Millis;
  /** How long the event loop was busy. */
  readonly active: Millis;
  /** How long the cores of the machine were idle, added up. */
  readonly idle: Millis;
}

/**
 * Tells whether the event loop is so busy that a thread on another core should help. As long as the loop has time to spare it is
 * the better place: starting a thread, waking it for each piece and hearing from it costs half as much as hashing itself.
 */
export class LoopLoad {
  readonly #sample: () => LoadSample;
  #last: LoadSample | undefined;

  /** `sample` is asked once a span. */
  constructor(sample: () => LoadSample) {
    this.#sample = sample;
  }

  /** To be asked whenever there is something to do; true once, at the end of a span in which the loop was too busy. */
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
