import { millis } from '../base/ids.ts';
import type { Clock } from './clock.ts';

/** A signal for what is not to be cut off. */
export const NEVER = new AbortController().signal;

/** Resolves after `time` milliseconds, or as soon as one of the signals is aborted; nothing of it is left then. */
export function wait(
  clock: Pick<Clock, 'after'>,
  time: number,
  ...signals: readonly Pick<AbortSignal, 'aborted' | 'addEventListener' | 'removeEventListener'>[]
): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some(({ aborted }) => aborted)) return resolve();
    const done = (): void => {
      timer.cancel();
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(millis(Math.max(0, time)), done);
    for (const signal of signals) signal.addEventListener('abort', done, { once: true });
  });
}
