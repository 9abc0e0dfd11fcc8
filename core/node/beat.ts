import type { Timer } from '../ports/clock.ts';
import { type AwakeTime, awake } from './awake.ts';

/** How often it beats, in ms: often enough for `AwakeTime`. */
export const BEAT = 500;
/** What fell due while the process did not run waits this long, in ms, so that messages from meanwhile are handled first. */
export const HEAR_FIRST = 100;

interface Task {
  readonly run: () => void;
  /** How many beats lie between two runs, and how many are left until the next. */
  readonly beats: number;
  left: number;
}

/**
 * One timer for all of a process that is to happen every so many seconds, as each wake-up of a process costs more than what most of
 * that takes: with a timer each, a process at rest would be woken ten times a second.
 */
export class Beat {
  readonly #awake: Pick<AwakeTime, 'look' | 'settling' | 'now'>;
  readonly #tasks = new Set<Task>();
  readonly #timer: ReturnType<typeof setInterval>;
  #late: ReturnType<typeof setTimeout> | undefined;
  #at: number;
  /** How many tasks the process lives on for. */
  #kept = 0;

  constructor(its: Pick<AwakeTime, 'look' | 'settling' | 'now'>) {
    this.#awake = its;
    this.#at = its.now();
    this.#timer = setInterval(() => this.#strike(), BEAT).unref();
  }

  /** Runs `task` every `period` ms, to the nearest beat; at least `BEAT`. The process lives on for it unless it is `idle`. */
  every(period: number, run: () => void, idle = false): Timer {
    const beats = Math.max(1, Math.round(period / BEAT));
    // The next beat is nearer than half the way: it would be too early.
    const late = this.#awake.now() - this.#at > BEAT / 2 ? 1 : 0;
    const task = { run, beats, left: beats + late };
    this.#tasks.add(task);
    if (!idle) this.#keep(1);
    let on = true;
    return {
      cancel: () => {
        if (!on) return;
        on = false;
        this.#tasks.delete(task);
        if (!idle) this.#keep(-1);
      },
    };
  }

  #keep(change: 1 | -1): void {
    this.#kept += change;
    if (this.#kept > 0) this.#timer.ref();
    else this.#timer.unref();
  }

  #strike(): void {
    this.#awake.look();
    this.#at = this.#awake.now();
    if (this.#late !== undefined) return;
    if (!this.#awake.settling) return this.#run();
    this.#late = setTimeout(() => {
      this.#late = undefined;
      this.#run();
    }, HEAR_FIRST);
  }

  #run(): void {
    // A copy: a task that is added meanwhile starts later, and a cancelled one ends at once.
    const tasks = [...this.#tasks];
    for (const task of tasks) {
      if (--task.left > 0 || !this.#tasks.has(task)) continue;
      task.left = task.beats;
      try {
        task.run();
      } catch (error) {
        // It is a fault as it would be in a timer, and the tasks behind it run all the same.
        setImmediate(() => {
          throw error;
        });
      }
    }
  }
}

/** The beat of this process. */
export const beat: Beat = new Beat(awake);
