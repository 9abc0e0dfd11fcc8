import { ClockDrift, DelayHistory, isLess } from './delay-history.ts';
import type { Packet } from './packet.ts';
import { RoundTrip } from './round-trip.ts';

/** A base delay that sinks by more than this, in microseconds, is no drift of a clock. */
const MOST_DRIFT = 10_000;

/** What one side of a connection measures of the way: how long it takes there and back, and how long packets wait on it. */
export class Delays {
  readonly #trip = new RoundTrip();
  readonly #ours = new DelayHistory();
  readonly #theirs = new DelayHistory();
  readonly #drift = new ClockDrift();
  /** Microseconds for which the last packet of the other side was under way by both clocks, which it is told; 0: not known. */
  theirs = 0;

  /** Milliseconds; how long to wait before what is under way counts as lost. */
  get timeout(): number {
    return this.#trip.timeout;
  }

  /** Milliseconds there and back; 0 while there was no sample. */
  get trip(): number {
    return this.#trip.mean ?? 0;
  }

  /** Microseconds for which our packets wait on the way; undefined while nothing is known. */
  get queueing(): number | undefined {
    return this.#ours.known ? this.#ours.queueing + this.#drift.penalty : undefined;
  }

  /**
   * A packet came. `trip`: how long ago a packet left that it acknowledges, in milliseconds (RFC 6817; clocks as in libutp). `tells`:
   * whether its delay is that of a packet of ours as long as most.
   */
  heard(packet: Packet, now: number, trip: number | undefined, tells: boolean): void {
    const theirs = packet.timestamp === 0 ? 0 : (micros(now) - packet.timestamp) >>> 0;
    this.theirs = theirs;
    if (theirs !== 0) {
      const known = this.#theirs.known;
      const before = this.#theirs.base;
      this.#theirs.add(theirs, now);
      const sunk = (before - this.#theirs.base) >>> 0;
      // Their clock runs faster than ours, or our samples would sink as theirs do.
      if (known && isLess(this.#theirs.base, before) && sunk <= MOST_DRIFT) this.#ours.shift(sunk);
    }
    if (packet.delay !== 0 && tells) {
      this.#ours.add(packet.delay, now);
      this.#drift.add(packet.delay, now);
      const most = trip === undefined ? Infinity : Math.round(trip * 1000);
      if (this.#ours.queueing > most) this.#ours.shift(this.#ours.queueing - most);
    }
    if (trip !== undefined) this.#trip.add(trip);
  }

  /** Something new was acknowledged. */
  progressed(): void {
    this.#trip.heard();
  }

  /** Nothing was heard for a whole time-out: the next one is longer. */
  timedOut(): void {
    this.#trip.timedOut();
  }
}

/** Microseconds, in 32 bits that go round; never 0, which means that there is none. */
export function micros(now: number): number {
  return Math.max(1, (now * 1000) >>> 0);
}
