import type { Bytes, BytesPerSecond, Millis } from './ids.ts';

const DEFAULT_PERIOD = 20_000 as Millis;
/** The first bytes count as having taken this long (ms); otherwise the first block would make an infinite rate. */
const HEAD_START = 1000;

/**
 * The current rate (B9): bytes over the time since the first of them, and once that is longer than `period`, an average in which
 * older traffic fades out. After a whole period of silence it begins anew, so that it follows a peer that starts again.
 * It has no timer, and asking changes nothing.
 */
export class RateMeter {
  readonly #period: number;
  #total = 0;
  /** Bytes that still count, as of `#at`. */
  #weight = 0;
  /** Start of the average. */
  #since: number;
  #at: number;

  constructor(now: Millis, period: Millis = DEFAULT_PERIOD) {
    this.#period = period;
    this.#since = now - HEAD_START;
    this.#at = now;
  }

  /** All bytes ever. */
  get total(): Bytes {
    return this.#total as Bytes;
  }

  add(bytes: number, now: Millis): void {
    if (this.#weight === 0 || now - this.#at > this.#period) {
      this.#weight = 0;
      this.#since = now - HEAD_START;
    } else this.#weight = this.#weightAt(now);
    this.#at = now;
    this.#weight += bytes;
    this.#total += bytes;
  }

  rate(now: Millis): BytesPerSecond {
    const span = Math.min(now - this.#since, this.#period);
    return (this.#weight === 0 ? 0 : (this.#weightAt(now) * 1000) / span) as BytesPerSecond;
  }

  /** How long until the rate falls to `limit` if nothing more comes: 0 where it is no higher now, Infinity for a limit of 0. */
  timeUntil(limit: BytesPerSecond, now: Millis): Millis {
    if (this.rate(now) <= limit) return 0 as Millis;
    if (limit <= 0) return Infinity as Millis;
    const weight = this.#weightAt(now);
    const young = Math.max(0, this.#since + this.#period - now);
    const whileYoung = (weight * 1000) / limit - (now - this.#since);
    if (young > 0 && whileYoung <= young) return whileYoung as Millis;
    return (young + this.#period * Math.log((weight * 1000) / this.#period / limit)) as Millis;
  }

  /** Fading begins when the average is a period long. */
  #weightAt(now: number): number {
    const faded = now - Math.max(this.#at, this.#since + this.#period);
    return faded <= 0 ? this.#weight : this.#weight * Math.exp(-faded / this.#period);
  }
}

/** The time that `RecentRate` looks back on is made of slots, each so long (ms). */
const SLOT = 500;
const SLOTS = 8;

/**
 * What people are shown as the present rate: bytes over the last four seconds, or since the first of them where that is less. It is 0
 * after four silent seconds, where `RateMeter`, by which peers are compared, still remembers.
 */
export class RecentRate {
  /** Made with the first byte: most of thousands of downloads never move any. */
  #bytes: Float64Array | undefined;
  /** Number of the newest slot. */
  #newest = Number.NEGATIVE_INFINITY;
  #since = 0;

  add(bytes: number, now: Millis): void {
    if (!(bytes > 0)) return;
    if (this.#sum(now) === 0) this.#since = now - HEAD_START;
    const slot = slotOf(now);
    const passed = Math.min(SLOTS, slot - this.#newest);
    const slots = (this.#bytes ??= new Float64Array(SLOTS));
    for (let i = 0; i < passed; i++) slots[mod(slot - i)] = 0;
    this.#newest = Math.max(slot, this.#newest);
    slots[mod(slot)] = (slots[mod(slot)] ?? 0) + bytes;
  }

  rate(now: Millis): BytesPerSecond {
    const began = (slotOf(now) - SLOTS + 1) * SLOT;
    return ((this.#sum(now) * 1000) / Math.max(HEAD_START, now - Math.max(began, this.#since))) as BytesPerSecond;
  }

  /** A limit came: what was faster before it does not count any more. 0: no limit. */
  cut(limit: BytesPerSecond, now: Millis): void {
    const rate = this.rate(now);
    if (limit === 0 || rate <= limit) return;
    this.#bytes = this.#bytes?.map((bytes) => (bytes * limit) / rate);
  }

  #sum(now: Millis): number {
    const slots = this.#bytes;
    if (slots === undefined) return 0;
    const oldest = slotOf(now) - SLOTS + 1;
    let sum = 0;
    for (let slot = Math.max(oldest, this.#newest - SLOTS + 1); slot <= this.#newest; slot++)
      sum += slots[mod(slot)] ?? 0;
    return sum;
  }
}

/** What is told at the end of a slot came during it. */
const slotOf = (now: Millis): number => Math.ceil(now / SLOT) - 1;
const mod = (slot: number): number => ((slot % SLOTS) + SLOTS) % SLOTS;

/** Time left is worked out from a rate that is averaged over this span. */
const STEADY_PERIOD = 90_000 as Millis;
/** A new estimate that differs by less than this fraction, or by fewer than these milliseconds, is ignored: the old one is counted down. */
const TOLERANCE = 0.1;
const TOLERANCE_FLOOR = 3_000;

/** Time left (B10): from a steadier rate than the current one, and counted down evenly for as long as it is about right. */
export class TimeLeft {
  readonly #meter: RateMeter;
  #remaining: number | undefined;
  /** When the rest is expected to be there. */
  #end: number | undefined;

  constructor(now: Millis) {
    this.#meter = new RateMeter(now, STEADY_PERIOD);
  }

  /** `bytesAdded` since the last update. */
  update(bytesRemaining: number, bytesAdded: number, now: Millis): void {
    if (bytesAdded > 0) this.#meter.add(bytesAdded, now);
    this.#remaining = bytesRemaining;
  }

  /** Undefined where nothing has come for too long to tell. `most`: no more than this can come from now on; 0: no limit. */
  estimate(now: Millis, most = 0 as BytesPerSecond): Millis | undefined {
    if (this.#remaining === undefined) return undefined;
    if (this.#remaining <= 0) return 0 as Millis;
    const steady = this.#meter.rate(now);
    const rate = most === 0 ? steady : Math.min(steady, most);
    if (rate < 1) return (this.#end = undefined);
    const fresh = (this.#remaining * 1000) / rate;
    const counted = this.#end === undefined ? -1 : this.#end - now;
    const near = Math.abs(fresh - counted) <= Math.max(TOLERANCE_FLOOR, TOLERANCE * fresh);
    if (counted <= 0 || !near) this.#end = now + fresh;
    return ((this.#end ?? now) - now) as Millis;
  }
}
