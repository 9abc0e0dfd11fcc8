import type { Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { type AwakeTime, awake as ourselves } from './awake.ts';
import { BEAT, beat as ours, type Beat, HEAR_FIRST } from './beat.ts';

/** The longest delay that the system's timers accept; with a longer one they fire at once. */
const LONGEST = 2 ** 31 - 1;
/** How early the system's timers may fire, in ms. */
const EARLY = 1;

/** Real time, as far as this process runs. */
export class NodeClock implements Clock {
  readonly #awake: Pick<AwakeTime, 'now' | 'slept' | 'settling'>;
  readonly #beat: Pick<Beat, 'every'>;

  constructor(awake: Pick<AwakeTime, 'now' | 'slept' | 'settling'> = ourselves, beat: Pick<Beat, 'every'> = ours) {
    this.#awake = awake;
    this.#beat = beat;
  }

  now(): Millis {
    return millis(this.#awake.now());
  }

  slept(): Millis {
    return millis(this.#awake.slept());
  }

  wall(): Millis {
    return millis(Date.now());
  }

  after(delay: Millis, task: () => void): Timer {
    const due = this.#awake.now() + delay;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number): void => {
      timer = setTimeout(
        () => {
          const now = this.#awake.now();
          if (this.#awake.settling) wait(Math.max(HEAR_FIRST, due - now));
          else if (due - now > EARLY) wait(due - now);
          else task();
        },
        Math.min(left, LONGEST),
      );
    };
    wait(delay);
    return { cancel: () => clearTimeout(timer) };
  }

  every(period: Millis, task: () => void): Timer {
    if (period % BEAT === 0) return this.#beat.every(period, task);
    let late: ReturnType<typeof setTimeout> | undefined;
    const timer = setInterval(
      () => {
        if (!this.#awake.settling) return task();
        clearTimeout(late);
        late = setTimeout(task, HEAR_FIRST);
      },
      Math.min(period, LONGEST),
    );
    return {
      cancel: () => {
        clearInterval(timer);
        clearTimeout(late);
      },
    };
  }

  soon(task: () => void): void {
    setImmediate(task);
  }
}
