import { type Acked, afterLoss, ledbat, MOST_WINDOW, start, TARGET } from './ledbat.ts';

/** Packets that may be under way before anything is known of the way. */
const FIRST = 8;
/** Milliseconds in which a window is halved once, however much is lost. */
const HALVED_ONCE = 100;
/** Milliseconds from one rest to the next. */
const REST_EVERY = 20_000;
/** And from the end of the start to the first one: whoever was here before has to be given room. */
const FIRST_REST = 5_000;
/** Whoever sees the queue shrink to this part of the usual one rests with whoever does: only together they empty it. */
const JOINS_BELOW = 0.7;
/** Part of the usual queue that is replaced in a round trip. */
const OF_ROUND_TRIP = 1 / 4;
/** Packets that are under way during a rest. */
const RESTING = 2;
/** Whoever rested comes back with this part of what it had. */
const AFTER_REST = 0.75;

/** An acknowledgement, with its time and that of its round trip, in milliseconds. One object may serve all of a connection. */
export interface TimedAcked extends Acked {
  readonly now: number;
  readonly trip: number;
}

/**
 * How many bytes of one connection may be under way. As long as its packets wait in a queue it rests now and then until the queue is
 * empty (LEDBAT++, draft-irtf-iccrg-ledbat-plus-plus, section 4.4): who came later had taken the queue of the others for the length of
 * the way, and would push them aside for ever.
 */
export class Congestion {
  #window: number;
  #starting = true;
  #threshold = MOST_WINDOW;
  #halvedAt = -Infinity;
  #restAt: number | undefined;
  #restsUntil: number | undefined;
  #joinsFrom: number | undefined;
  /** Microseconds of queue, as a mean over some round trips. */
  #usual = 0;

  constructor(packet: number) {
    this.#window = FIRST * packet;
  }

  get window(): number {
    return this.#window;
  }

  /** Bytes arrived at the other side. `what` has the window of now. */
  acked(what: TimedAcked): void {
    const { now, packet } = what;
    if (this.#restsUntil !== undefined) {
      if (now < this.#restsUntil) return;
      this.#restsUntil = undefined;
      this.#starting = true;
    }
    if (this.#starting) {
      const { window, over } = start(what, this.#threshold);
      this.#window = window;
      this.#starting = !over;
      return;
    }
    this.#window = ledbat(what);
    const { delay = 0 } = what;
    const joins = this.#othersRest(what, delay);
    this.#restAt ??= now + FIRST_REST;
    this.#joinsFrom ??= now + FIRST_REST;
    if (now < this.#restAt && !(joins && now >= this.#joinsFrom)) return;
    this.#restAt = now + REST_EVERY;
    this.#joinsFrom = now + FIRST_REST;
    if (!joins && delay < TARGET / 2) return;
    this.#usual = 0;
    this.#threshold = Math.max(RESTING * packet, this.#window * AFTER_REST);
    this.#window = RESTING * packet;
    // What is under way has to leave the queue first; then it takes a round trip to see what is there without it.
    this.#restsUntil = now + 2 * what.trip;
  }

  /** Whether the queue has just become much shorter though we send as before: another flow rests. */
  #othersRest({ bytes, window, limited }: TimedAcked, delay: number): boolean {
    const joins = limited && this.#usual > TARGET / 2 && delay < this.#usual * JOINS_BELOW;
    this.#usual += (delay - this.#usual) * Math.min(1, bytes / window) * OF_ROUND_TRIP;
    return joins;
  }

  /** Packets got lost; returns whether the window is smaller for it. `now` in milliseconds. */
  lost(packet: number, now: number): boolean {
    if (now - this.#halvedAt < HALVED_ONCE) return false;
    this.#halvedAt = now;
    this.#window = afterLoss(this.#window, packet);
    this.#threshold = this.#window;
    this.#starting = false;
    this.#usual = 0;
    return true;
  }

  /** Nothing was heard for a whole time-out: begins anew with one packet. */
  timedOut(packet: number): void {
    this.#threshold = afterLoss(this.#window, 2 * packet);
    this.#window = packet;
    this.#starting = true;
    this.#restsUntil = undefined;
  }
}
