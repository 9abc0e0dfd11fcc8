import { millis, type Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Timers that fell due during its sleep fire this long after it, in ms: messages from meanwhile are handled first. */
const HEAR_FIRST = 100;

/** The clock of one process that can be stopped and go on (SIGSTOP, SIGCONT) while time passes for the others. */
export class SleepyClock implements Clock {
  readonly #clock: Clock;
  readonly #skew: number;
  /** When it was stopped; undefined while it runs. */
  #since: Millis | undefined;
  #slept = 0;
  #due: (() => void)[] = [];

  /** `skew`: how far its time of day is off. */
  constructor(clock: Clock, skew = 0) {
    this.#clock = clock;
    this.#skew = skew;
  }

  sleep(): void {
    this.#since ??= this.#clock.now();
  }

  wake(): void {
    this.#slept = this.slept();
    this.#since = undefined;
    for (const task of this.#due.splice(0)) this.#clock.after(millis(HEAR_FIRST), task);
  }

  now(): Millis {
    return millis(this.#clock.now() - this.slept());
  }

  slept(): Millis {
    return millis(this.#slept + (this.#since === undefined ? 0 : this.#clock.now() - this.#since));
  }

  wall(): Millis {
    return millis(this.#clock.wall() + this.#skew);
  }

  after(delay: Millis, task: () => void): Timer {
    const due = this.now() + delay;
    let over = false;
    let timer: Timer;
    const fire = (): void => {
      if (over) return;
      if (this.#since !== undefined) this.#due.push(fire);
      // A rounding error is no time to wait.
      else if (this.now() < due - 1e-6) timer = this.#clock.after(millis(due - this.now()), fire);
      else task();
    };
    timer = this.#clock.after(delay, fire);
    return {
      cancel: () => {
        over = true;
        timer.cancel();
      },
    };
  }

  every(period: Millis, task: () => void): Timer {
    let over = false;
    let waits = false;
    const timer = this.#clock.every(period, () => {
      if (this.#since === undefined) return task();
      if (waits) return;
      waits = true;
      this.#due.push(() => {
        waits = false;
        if (!over) task();
      });
    });
    return {
      cancel: () => {
        over = true;
        timer.cancel();
      },
    };
  }

  soon(task: () => void): void {
    this.#clock.soon(() => (this.#since === undefined ? task() : this.#due.push(task)));
  }
}
