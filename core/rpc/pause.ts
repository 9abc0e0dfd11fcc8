import { millis } from '../base/ids.ts';
import type { HostClock } from '../bridge/host/services.ts';

/** Resolves after so many milliseconds. */
export function pause(clock: HostClock, span: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.every(millis(span), () => {
      timer.cancel();
      resolve();
    });
  });
}
