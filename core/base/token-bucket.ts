import { type BytesPerSecond, type Millis, millis } from './ids.ts';

/** Every bucket can hold at least this much, so that a block and its header pass at the slowest rate. */
const LEAST_CAPACITY = 32 * 1024;
const DEFAULT_BURST = 500 as Millis;
/** A limit may be raised while somebody waits for it, so that nobody waits longer than this before looking again. */
const LOOK_AGAIN = millis(1000);

/**
 * Allows `rate` bytes a second on average (B16). What is not used is saved up, at most what `burst` brings. It has no timer: every
 * call says what time it is.
 */
export class TokenBucket {
  readonly #burst: Millis;
  #rate: number;
  #level: number;
  #at: Millis;

  /** Starts full. `rate` 0: no limit. */
  constructor(rate: BytesPerSecond, now: Millis, burst: Millis = DEFAULT_BURST) {
    this.#burst = burst;
    this.#rate = rate;
    this.#at = now;
    this.#level = this.#capacity;
  }

  get unlimited(): boolean {
    return this.#rate === 0;
  }

  /** What is owed or saved under the old rate stays so, as far as it fits. */
  setRate(rate: BytesPerSecond, now: Millis): void {
    this.#fill(now);
    const wasUnlimited = this.unlimited;
    this.#rate = rate;
    this.#level = wasUnlimited ? this.#capacity : Math.min(this.#level, this.#capacity);
  }

  /** Takes up to `wanted` bytes of what is there; returns how many. */
  take(wanted: number, now: Millis): number {
    if (this.unlimited) return wanted;
    this.#fill(now);
    const taken = Math.max(0, Math.min(wanted, Math.floor(this.#level)));
    this.#level -= taken;
    return taken;
  }

  /** Takes `bytes` in any case; what was not there becomes a debt. */
  spend(bytes: number, now: Millis): void {
    if (this.unlimited) return;
    this.#fill(now);
    this.#level -= bytes;
  }

  /** How long until `bytes` are there (or the bucket is full, if it holds less); 0 when they are. */
  wait(bytes: number, now: Millis): Millis {
    if (this.unlimited) return 0 as Millis;
    this.#fill(now);
    const lacking = Math.min(bytes, this.#capacity) - this.#level;
    return Math.max(0, Math.ceil((lacking * 1000) / this.#rate)) as Millis;
  }

  get #capacity(): number {
    return Math.max(LEAST_CAPACITY, (this.#rate * this.#burst) / 1000);
  }

  #fill(now: Millis): void {
    if (now <= this.#at) return;
    this.#level = Math.min(this.#capacity, this.#level + (this.#rate * (now - this.#at)) / 1000);
    this.#at = now;
  }
}

/** How long until every bucket is out of debt, or it is time to look again; 0 when all are. */
export function waitForAll(buckets: readonly TokenBucket[], now: Millis): Millis {
  let wait = 0;
  for (const bucket of buckets) wait = Math.max(wait, bucket.wait(1, now));
  return millis(Math.min(wait, LOOK_AGAIN));
}

/** A bucket for each of two limits. */
export function bucketsOf(
  limits: { readonly down: BytesPerSecond; readonly up: BytesPerSecond },
  now: Millis,
): { readonly down: TokenBucket; readonly up: TokenBucket } {
  return { down: new TokenBucket(limits.down, now), up: new TokenBucket(limits.up, now) };
}
