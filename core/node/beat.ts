import type { Timer } from '../ports/clock.ts';
import { type AwakeTime, awake } from './awake.ts';

/** Beats lie so far apart, in ms. */
export const BEAT = 500;
/** It comes at least with every second one, which is often enough for `AwakeTime`. */
const MOST_BEATS = 2;
/** What fell due while the process did not run waits this long, in ms, so that messages from meanwhile are handled first. */
export const HEAR_FIRST = 100;

interface Task {
  readonly run: () => void;
  /** How many beats lie between two runs, and which beat is the next. */
  readonly beats: number;
  due: number;
}

/**
 * One timer for all of a process that is to happen every so many seconds, as each wake-up of a process costs more than what most of
 * that takes: with a timer each, a process at rest would be woken ten times a second. A beat for which there is nothing to do is left out.
 */
export class Beat {
  readonly #awake: Pick<AwakeTime, 'look' | 'settling' | 'now'>;
  readonly #tasks = new Set<Task>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  /** When beat 0 was. */
  readonly #began: number;
  /** The beat that the timer is set for. */
  #next = 0;
  /** How many tasks the process lives on for. */
  #kept = 0;

  constructor(its: Pick<AwakeTime, 'look' | 'settling' | 'now'>) {
    this.#awake = its;
    this.#began = its.now();
    this.#set(MOST_BEATS);
  }

  /** Runs `task` every `period` ms, to the nearest beat; at least `BEAT`. The process lives on for it unless it is `idle`. */
  every(period: number, run: () => void, idle = false): Timer {
    const beats = Math.max(1, Math.round(period / BEAT));
    // Where the next beat is nearer than half the way it would be too early.
    const task = { run, beats, due: Math.ceil(this.#beats - 1 / 2) + beats };
    this.#tasks.add(task);
    if (task.due < this.#next) this.#set(task.due);
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

  /** How many there could have been so far, with the part of the next one. */
  get #beats(): number {
    return (this.#awake.now() - this.#began) / BEAT;
  }

  #keep(change: 1 | 0 | -1): void {
    this.#kept += change;
    if (this.#kept > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }

  #set(beat: number): void {
    this.#next = beat;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#strike(),
      Math.max(1, Math.ceil(this.#began + beat * BEAT - this.#awake.now())),
    );
    this.#keep(0);
  }

  #strike(): void {
    this.#awake.look();
    if (this.#late === undefined) {
      if (!this.#awake.settling) this.#run();
      else {
        this.#late = setTimeout(() => {
          this.#late = undefined;
          this.#run();
        }, HEAR_FIRST);
      }
    }
    const at = Math.round(this.#beats);
    let next = at + MOST_BEATS;
    for (const { due } of this.#tasks) if (due < next) next = due;
    // What waits to be run has its time already.
    this.#set(Math.max(next, at + 1));
  }

  #run(): void {
    const at = Math.round(this.#beats);
    // A copy: a task that is added meanwhile starts later, and a cancelled one ends at once.
    const tasks = [...this.#tasks];
    for (const task of tasks) {
      if (task.due > at || !this.#tasks.has(task)) continue;
      task.due = task.due + task.beats > at ? task.due + task.beats : at + task.beats;
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
