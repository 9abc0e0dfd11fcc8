/** How many minutes the lowest delays are remembered for: the clocks of two machines drift apart. */
const MINUTES = 13;
const MINUTE = 60_000;
/** The lowest of this many samples counts, so that a single late packet does not. */
const RECENT = 3;

/**
 * The queueing delay of one way: what comes of samples that contain the difference of two clocks, in microseconds (32 bits, going
 * round). The lowest sample of the last minutes is taken for an empty way (RFC 6817, section 3.4.2).
 */
export class DelayHistory {
  readonly #lowest = new Uint32Array(MINUTES);
  readonly #recent = new Uint32Array(RECENT);
  #samples = 0;
  #minute = 0;
  #minuteSince = 0;
  #base = 0;

  /** The lowest delay, which belongs to an empty way; it means something only beside others of the same history. */
  get base(): number {
    return this.#base;
  }

  /** Whether there was a sample at all. */
  get known(): boolean {
    return this.#samples > 0;
  }

  /** Microseconds for which packets wait on the way; 0 while nothing is known. */
  get queueing(): number {
    const count = Math.min(this.#samples, RECENT);
    let least = count === 0 ? 0 : Infinity;
    for (let i = 0; i < count; i++) least = Math.min(least, ((this.#recent[i] ?? 0) - this.#base) >>> 0);
    return least;
  }

  /** `now` in milliseconds. */
  add(sample: number, now: number): void {
    if (this.#samples === 0) {
      this.#lowest.fill(sample);
      this.#base = sample;
      this.#minuteSince = now;
    }
    if (isLess(sample, this.#lowest[this.#minute] ?? 0)) this.#lowest[this.#minute] = sample;
    if (isLess(sample, this.#base)) this.#base = sample;
    this.#recent[this.#samples++ % RECENT] = sample;
    if (now - this.#minuteSince < MINUTE) return;
    this.#minuteSince = now;
    this.#minute = (this.#minute + 1) % MINUTES;
    this.#lowest[this.#minute] = sample;
    this.#base = this.#lowest.reduce((least, one) => (isLess(one, least) ? one : least), sample);
  }

  /** Raises what counts as empty: the other clock runs away from ours, or a sample was more than the whole round trip. */
  shift(by: number): void {
    for (let i = 0; i < MINUTES; i++) this.#lowest[i] = (this.#lowest[i] ?? 0) + by;
    this.#base = (this.#base + by) >>> 0;
  }
}

/** Seconds over which the mean of the delay is taken. */
const SLOT = 5_000;
/** Microseconds a slot by which an honest clock may lag; beyond it a part of it counts as delay. */
const HONEST_DRIFT = 200_000;
const PENALTY = 7;

/**
 * How fast the other side's clock runs away from ours, from the mean delay of one slot to the next: whose clock is made slow sees ever
 * shorter delays, and would take more than its share.
 */
export class ClockDrift {
  #origin = 0;
  #sum = 0;
  #count = 0;
  #since: number | undefined;
  #mean: number | undefined;
  /** Microseconds a slot, as a rolling mean. */
  #drift = 0;

  /** Microseconds to add to the delay; 0 for an honest clock. */
  get penalty(): number {
    return this.#drift < -HONEST_DRIFT ? (-this.#drift - HONEST_DRIFT) / PENALTY : 0;
  }

  add(sample: number, now: number): void {
    if (this.#since === undefined) {
      this.#since = now;
      this.#origin = sample;
    }
    this.#sum += (sample - this.#origin) | 0;
    this.#count++;
    if (now - this.#since < SLOT) return;
    const mean = this.#sum / this.#count;
    if (this.#mean !== undefined) this.#drift = (this.#drift * 7 + mean - this.#mean) / 8;
    // Kept near the origin, or the differences would go round in the end.
    this.#origin = (this.#origin + Math.round(mean)) >>> 0;
    this.#mean = mean - Math.round(mean);
    this.#since = now;
    this.#sum = 0;
    this.#count = 0;
  }
}

/** Whether a number of 32 bits comes before another as they go round. */
export function isLess(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
