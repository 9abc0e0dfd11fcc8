import type { Taken } from './incoming.ts';
import { ACK_DELAY, SAID_AGAIN } from './times.ts';

/** Packets after which an acknowledgement is sent at once. */
const ACK_EVERY = 2;
/** How often what is missing is said, each time after twice as long, before whoever says nothing at all is gone. */
const MOST_SAID_AGAIN = 6;

/** When one side of a connection acknowledges what came. All times in milliseconds. */
export class Acknowledging {
  /** Packets that were not acknowledged yet, and when they have to be. */
  #unacked = 0;
  #due = Infinity;
  #urgent = false;
  /** Something got lost on its way to us. */
  #loses = false;
  /** When the last acknowledgement is said again, and how often it was since the other side was heard. */
  #againAt = Infinity;
  #saidAgain = 0;

  /** When there is something to do at the latest. */
  get due(): number {
    return Math.min(this.#due, this.#againAt);
  }

  /** The other side waits for an acknowledgement. */
  get isUrgent(): boolean {
    return this.#urgent;
  }

  /** It was said again and again what is missing, and the other side says nothing at all. */
  get isUnanswered(): boolean {
    return this.#saidAgain > MOST_SAID_AGAIN;
  }

  /** Whether one is to be sent. */
  isDue(now: number): boolean {
    return this.#due <= now;
  }

  /** Anything came. */
  heard(): void {
    this.#saidAgain = 0;
  }

  /** What became of a packet that came. `waits`: the other side waits to hear of it. `trip`: there and back. */
  came(what: Taken, waits: boolean, now: number, trip: number): void {
    this.#unacked++;
    // What comes out of turn, or again, is told at once: the other side waits for that.
    if (what !== 'next' || waits) this.#urgent = true;
    const quick = this.#urgent || this.#unacked >= ACK_EVERY;
    this.#due = Math.min(this.#due, quick ? -Infinity : now + ACK_DELAY);
    if (what !== 'next') this.#loses = true;
    if (this.#loses) this.#againAt = now + patience(trip);
  }

  /** One is sent as soon as may be. */
  hurry(): void {
    this.#due = -Infinity;
  }

  /** One was sent, which says all. */
  sent(): void {
    this.#unacked = 0;
    this.#urgent = false;
    this.#due = Infinity;
  }

  /** Time has passed: where nothing came since the last one it is said once more, and again and again while something is missing. */
  woken(now: number, missing: boolean, trip: number): void {
    if (now < this.#againAt) return;
    this.hurry();
    this.#loses = missing;
    if (missing) this.#saidAgain++;
    this.#againAt = missing ? now + patience(trip) * 2 ** this.#saidAgain : Infinity;
  }

  clear(): void {
    this.#due = Infinity;
    this.#againAt = Infinity;
  }
}

/** How long the other side may take to go on after an acknowledgement. */
function patience(trip: number): number {
  return Math.max(SAID_AGAIN, 2 * trip);
}
