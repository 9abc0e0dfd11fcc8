import { performance } from 'node:perf_hooks';
import type { Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** The longest delay that the system's timers accept; with a longer one they fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Real time. */
export class NodeClock implements Clock {
  now(): Millis {
    return millis(performance.now());
  }

  wall(): Millis {
    return millis(Date.now());
  }

  after(delay: Millis, task: () => void): Timer {
    const timer = setTimeout(task, Math.min(delay, LONGEST));
    return { cancel: () => clearTimeout(timer) };
  }

  every(period: Millis, task: () => void): Timer {
    const timer = setInterval(task, Math.min(period, LONGEST));
    return { cancel: () => clearInterval(timer) };
  }

  soon(task: () => void): void {
    setImmediate(task);
  }
}
