import { millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** A signal for what is not to be cut off. */
export const NEVER = new AbortController().signal;

/** Resolves after `time` milliseconds, or as soon as `signal` is aborted. */
export function wait(clock: Clock, time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(millis(Math.max(0, time)), done);
    signal.addEventListener('abort', done, { once: true });
  });
}
