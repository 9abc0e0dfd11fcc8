import { EnsembleError } from '../base/errors.ts';
import type { Millis } from '../base/ids.ts';
import { Stopper, type StopSignal } from '../base/stopper.ts';
import type { Clock, Timer } from './clock.ts';

export interface TurnOptions {
  readonly clock: Clock;
  /** After this time without an outcome the next one is tried too; the ones before are still waited for. */
  readonly headStart: Millis;
  readonly signal: StopSignal;
}

/**
 * Tries one thing after the other, each as soon as the one before has failed or taken its head start, until one succeeds; the rest
 * is stopped by the signal that it was given. Rejects with the error of the last that failed, or with 'interrupted'.
 */
export function firstInTurn<T, U>(
  things: readonly T[],
  attempt: (thing: T, signal: StopSignal) => Promise<U>,
  { clock, headStart, signal }: TurnOptions,
): Promise<U> {
  const rest = new Stopper();
  return new Promise((resolve, reject) => {
    let timer: Timer | undefined;
    let next = 0;
    let open = 0;
    const settle = (act: () => void): void => {
      timer?.cancel();
      signal.removeEventListener('abort', stop);
      next = things.length;
      act();
      rest.abort();
    };
    const stop = (): void => settle(() => reject(new EnsembleError('interrupted', 'It was stopped')));
    const go = (): void => {
      timer?.cancel();
      const thing = things[next++];
      if (thing === undefined) return;
      open++;
      void attempt(thing, rest.signal).then(
        (outcome) => settle(() => resolve(outcome)),
        (error: unknown) => {
          open--;
          if (next < things.length) go();
          else if (open === 0) settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        },
      );
      if (next < things.length) timer = clock.after(headStart, go);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    go();
  });
}
