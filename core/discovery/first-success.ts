import type { Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Whether one of the attempts succeeds: resolves as soon as one has or all have failed, with false after `within`. */
export function firstSuccess(
  attempts: readonly Promise<boolean>[],
  clock: Clock,
  within: Millis | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const settle = (success: boolean): void => {
      timer?.cancel();
      resolve(success);
    };
    if (within !== undefined) timer = clock.after(within, () => settle(false));
    let open = attempts.length;
    for (const attempt of attempts) {
      void attempt.then((success) => {
        if (success || --open === 0) settle(success);
      });
    }
  });
}
