import { type TokenBucket, waitForAll } from '../base/token-bucket.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Something that can stop reading. */
interface Readable {
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * Limits reading (B16): received bytes are spent, going into debt, and their source is not read again until every bucket is out of
 * debt. Reading also stops for all while the disk is behind (B1, back-pressure).
 */
export class ReadThrottle {
  readonly #clock: Clock;
  readonly #buckets: readonly TokenBucket[];
  readonly #indebted = new Set<Readable>();
  readonly #all: () => Iterable<Readable>;
  #timer: Timer | undefined;
  #held = false;

  constructor(clock: Clock, buckets: readonly TokenBucket[], all: () => Iterable<Readable>) {
    this.#clock = clock;
    this.#buckets = buckets;
    this.#all = all;
  }

  /** `bytes` came from `source`. */
  spend(source: Readable, bytes: number): void {
    const now = this.#clock.now();
    for (const bucket of this.#buckets) bucket.spend(bytes, now);
    const wait = waitForAll(this.#buckets, now);
    if (wait <= 0) return;
    if (!this.#indebted.has(source)) {
      this.#indebted.add(source);
      source.pauseReading();
    }
    this.#timer ??= this.#clock.after(wait, () => this.#release());
  }

  /** The disk is behind (true) or has caught up (false). */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    for (const source of this.#all()) {
      if (held) source.pauseReading();
      else if (!this.#indebted.has(source)) source.resumeReading();
    }
  }

  get held(): boolean {
    return this.#held;
  }

  /** Whether sources wait for the limits. */
  get binds(): boolean {
    return this.#timer !== undefined;
  }

  forget(source: Readable): void {
    this.#indebted.delete(source);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#indebted.clear();
  }

  #release(): void {
    this.#timer = undefined;
    const wait = waitForAll(this.#buckets, this.#clock.now());
    if (wait > 0) {
      this.#timer = this.#clock.after(wait, () => this.#release());
      return;
    }
    const sources = [...this.#indebted];
    this.#indebted.clear();
    if (!this.#held) for (const source of sources) source.resumeReading();
  }
}
