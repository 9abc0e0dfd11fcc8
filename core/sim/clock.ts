import type { Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { DueHeap } from './due-heap.ts';

// oxlint-disable-next-line no-restricted-globals -- the one way to run after every promise has settled
const afterPromises = setImmediate;

interface Entry {
  due: number;
  order: number;
  readonly period: number | undefined;
  task: () => void;
  /** It was cancelled, or has run and does not come again. */
  over: boolean;
}

/** Events that come beside a clock's own tasks, in the same time, without a timer and a turn of the event loop for each. */
export interface EventSource {
  /** When the next one is due; Infinity: there is none. */
  readonly due: number;
  /** Runs that one. True: it may have begun promises, which settle before anything else happens. */
  run(): boolean;
}

/** Time that passes only when told to. The same calls in the same order always run the same tasks in the same order. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #epoch: number;
  readonly #heap = new DueHeap<Entry>();
  /** How many in the heap are over. */
  #cancelled = 0;
  #soon: (() => void)[] = [];
  #draining = false;
  #beside: EventSource | undefined;

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

  /** From now on time has these events, too. Of events at the same time the clock's own tasks come first. */
  join(source: EventSource): void {
    this.#beside = source;
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
      const beside = this.#beside;
      if (beside !== undefined && beside.due <= end && beside.due < this.#due) {
        this.#now = Math.max(this.#now, beside.due);
        if (beside.run()) await this.settle();
        continue;
      }
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
    return this.#heap.size - this.#cancelled;
  }

  /** When the next task is due; Infinity: none is set. */
  get #due(): number {
    for (;;) {
      const { first } = this.#heap;
      if (first === undefined) return Infinity;
      if (!first.over) return first.due;
      this.#heap.take();
      this.#cancelled--;
    }
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
    const entry: Entry = { due, order: this.#order++, period, task, over: false };
    this.#heap.add(entry);
    return {
      cancel: () => {
        if (entry.over) return;
        entry.over = true;
        // Otherwise all that the task refers to would stay in memory until it was due.
        entry.task = nothing;
        this.#cancelled++;
        if (this.#cancelled > 100 && this.#cancelled > this.#heap.size / 2) this.#sweep();
      },
    };
  }

  #sweep(): void {
    this.#heap.keep(({ over }) => !over);
    this.#cancelled = 0;
  }

  /** Takes out the next entry due by `end`; a periodic one goes back in. */
  #next(end: number): Pick<Entry, 'due' | 'task'> | undefined {
    if (this.#due > end) return undefined;
    const entry = this.#heap.take();
    if (entry === undefined) return undefined;
    const { due, task } = entry;
    if (entry.period === undefined) entry.over = true;
    else {
      entry.due += entry.period;
      entry.order = this.#order++;
      this.#heap.add(entry);
    }
    return { due, task };
  }
}

function nothing(): void {}
