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
    return new Wait(this.#awake, delay, task);
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

/** A task that waits for its time. An object with a class, as of thousands each would otherwise have several functions of its own. */
class Wait implements Timer {
  readonly #awake: Pick<AwakeTime, 'now' | 'settling'>;
  readonly #task: () => void;
  readonly #due: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(awake: Pick<AwakeTime, 'now' | 'settling'>, delay: Millis, task: () => void) {
    this.#awake = awake;
    this.#task = task;
    this.#due = awake.now() + delay;
    this.#timer = setTimeout(struck, Math.min(delay, LONGEST), this);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  struck(): void {
    const left = this.#due - this.#awake.now();
    if (this.#awake.settling) this.#again(Math.max(HEAR_FIRST, left));
    else if (left > EARLY) this.#again(left);
    else this.#task();
  }

  #again(left: number): void {
    this.#timer = setTimeout(struck, Math.min(left, LONGEST), this);
  }
}

const struck = (wait: Wait): void => wait.struck();
