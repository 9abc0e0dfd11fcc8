import type { Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

// oxlint-disable-next-line no-restricted-globals -- the one way to run after every promise has settled
const afterPromises = setImmediate;

interface Entry {
  due: number;
  order: number;
  readonly period: number | undefined;
  task: () => void;
  cancelled: boolean;
}

/** Time that passes only when told to. The same calls in the same order always run the same tasks in the same order. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #epoch: number;
  #heap: Entry[] = [];
  #cancelled = 0;
  #soon: (() => void)[] = [];
  #draining = false;

  /** `epoch`: the time of day at which it starts, Unix milliseconds. */
  constructor(epoch: number = Date.UTC(2030, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): Millis {
    return millis(this.#now);
  }

  slept(): Millis {
    return millis(0);
  }

  wall(): Millis {
    return millis(this.#epoch + this.#now);
  }

  after(delay: Millis, task: () => void): Timer {
    return this.#add(delay, undefined, task);
  }

  every(period: Millis, task: () => void): Timer {
    return this.#add(period, Math.max(1, period), task);
  }

  soon(task: () => void): void {
    this.#soon.push(task);
    if (this.#draining) return;
    this.#draining = true;
    afterPromises(() => this.#drain());
  }

  /** Lets `span` pass: runs what falls due in order, and lets promises settle after each task. */
  async advance(span: number): Promise<void> {
    await this.runUntil(() => false, span);
  }

  /** As `advance`, but stops as soon as `done` holds; resolves to whether it did. */
  async runUntil(done: () => boolean, most: number): Promise<boolean> {
    const end = this.#now + most;
    await this.settle();
    while (!done()) {
      const next = this.#next(end);
      if (next === undefined) {
        this.#now = Math.max(this.#now, end);
        return false;
      }
      this.#now = Math.max(this.#now, next.due);
      next.task();
      await this.settle();
    }
    return true;
  }

  /** Runs until a promise has settled and gives its outcome; rejects if it has not after `most`. */
  async resolve<T>(promise: Promise<T>, most: number = 3_600_000): Promise<T> {
    let over = false;
    const watched = promise.finally(() => (over = true));
    watched.catch(() => {}); // heard below, or not at all when time runs out first
    if (!(await this.runUntil(() => over, most))) throw new Error(`still open after ${most} ms of virtual time`);
    return watched;
  }

  /** Lets promises and `soon` tasks run until none is left, without any time passing. */
  async settle(): Promise<void> {
    do await new Promise<void>((resolve) => afterPromises(resolve));
    while (this.#soon.length > 0);
  }

  /** How many timers are set: a leak shows here. */
  get pending(): number {
    return this.#heap.reduce((count, entry) => count + (entry.cancelled ? 0 : 1), 0);
  }

  #drain(): void {
    this.#draining = false;
    const tasks = this.#soon;
    this.#soon = [];
    for (const task of tasks) task();
  }

  #add(delay: number, period: number | undefined, task: () => void): Timer {
    // A delay lost in rounding would fall due for ever without time passing.
    const due = this.#now + (delay > 0 ? Math.max(1e-3, delay) : 0);
    const entry: Entry = { due, order: this.#order++, period, task, cancelled: false };
    this.#push(entry);
    return {
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        // Otherwise all that the task refers to would stay in memory until it was due.
        entry.task = nothing;
        this.#cancelled++;
        if (this.#cancelled > 100 && this.#cancelled > this.#heap.length / 2) this.#sweep();
      },
    };
  }

  /** Removes the cancelled entries; a sorted array is a valid heap. */
  #sweep(): void {
    this.#heap = this.#heap.filter(({ cancelled }) => !cancelled).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  /** Takes out the next entry due by `end`; a periodic one goes back in. */
  #next(end: number): Entry | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      if (!top.cancelled && top.due > end) return undefined;
      this.#pop();
      if (top.cancelled) {
        this.#cancelled = Math.max(0, this.#cancelled - 1);
        continue;
      }
      const run = { ...top };
      if (top.period !== undefined) {
        top.due += top.period;
        top.order = this.#order++;
        this.#push(top);
      }
      return run;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >>> 1;
      const parent = heap[up];
      if (parent === undefined || before(parent, entry)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (child === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        down++;
      }
      if (before(last, child)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}

function nothing(): void {}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
