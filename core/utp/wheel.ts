import type { Clock, Timer } from '../ports/clock.ts';
import { millis } from '../base/ids.ts';

/** Milliseconds of a slot. */
const SLOT = 20;
const SLOTS = 256;

/** Something that has to be woken at a time. The fields belong to the wheel. */
export abstract class Waiting {
  /** The slot that it is in; undefined: it waits for nothing. */
  wheelSlot: number | undefined;
  wheelBefore: Waiting | undefined;
  wheelAfter: Waiting | undefined;

  /** Its time has come, or may have. Returns when it wants to be woken next; Infinity: not at all. */
  abstract woken(now: number): number;
}

/**
 * Wakes many at their times, some milliseconds late, with one timer for all of them. Most times are put off again and again, which costs
 * nothing: who is woken too early says so.
 */
export class Wheel {
  readonly #clock: Clock;
  readonly #slots: (Waiting | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #count = 0;
  /** Number of the slot that comes next, counted from the beginning of time. */
  #next: number;
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#next = Math.floor(clock.now() / SLOT);
  }

  /** How many wait. */
  get size(): number {
    return this.#count;
  }

  /** Wakes it at `time`, or before, where it asked for that earlier. */
  wake(one: Waiting, time: number): void {
    if (time === Infinity) return;
    const now = Math.floor(this.#clock.now() / SLOT);
    if (this.#count === 0) this.#next = now;
    // Not as far as a whole turn, or it would meet the slot whose turn it is.
    const slot = Math.min(Math.max(Math.ceil(time / SLOT), this.#next), this.#next + SLOTS - 2);
    if (one.wheelSlot !== undefined) {
      if (one.wheelSlot <= slot) return;
      this.#unlink(one);
    }
    this.#link(one, slot);
    this.#setTimer(slot);
  }

  forget(one: Waiting): void {
    if (one.wheelSlot === undefined) return;
    this.#unlink(one);
    if (this.#count > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #setTimer(slot: number): void {
    if (slot >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = slot;
    const wait = Math.max(0, slot * SLOT - this.#clock.now());
    this.#timer = this.#clock.after(millis(wait), () => this.#turn());
  }

  #turn(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    const last = Math.floor(now / SLOT);
    while (this.#next <= last && this.#count > 0) {
      const slot = this.#next++;
      // Whoever wants to be woken again joins a later slot.
      for (let one = this.#slots[slot % SLOTS]; one !== undefined; one = this.#slots[slot % SLOTS]) {
        this.#unlink(one);
        const next = one.woken(now);
        if (next !== Infinity) this.wake(one, Math.max(next, (slot + 1) * SLOT));
      }
    }
    this.#next = Math.max(this.#next, last);
    if (this.#count === 0 || this.#timer !== undefined) return;
    for (let slot = this.#next; slot < this.#next + SLOTS; slot++) {
      if (this.#slots[slot % SLOTS] === undefined) continue;
      this.#setTimer(slot);
      return;
    }
  }

  #link(one: Waiting, slot: number): void {
    const first = this.#slots[slot % SLOTS];
    one.wheelSlot = slot;
    one.wheelBefore = undefined;
    one.wheelAfter = first;
    if (first !== undefined) first.wheelBefore = one;
    this.#slots[slot % SLOTS] = one;
    this.#count++;
  }

  #unlink(one: Waiting): void {
    const { wheelSlot, wheelBefore, wheelAfter } = one;
    if (wheelSlot === undefined) return;
    if (wheelBefore === undefined) this.#slots[wheelSlot % SLOTS] = wheelAfter;
    else wheelBefore.wheelAfter = wheelAfter;
    if (wheelAfter !== undefined) wheelAfter.wheelBefore = wheelBefore;
    one.wheelSlot = undefined;
    one.wheelBefore = undefined;
    one.wheelAfter = undefined;
    this.#count--;
  }
}
