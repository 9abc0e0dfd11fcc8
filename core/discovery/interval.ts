import { millis } from '../base/ids.ts';
import type { Millis } from '../base/ids.ts';

const LEAST = 60;
const MOST = 24 * 3600;

/** An interval in seconds as a tracker sent it, brought to between a minute and a day; undefined where it is no positive number. */
export function intervalOf(seconds: unknown): Millis | undefined {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return millis(Math.min(Math.max(seconds, LEAST), MOST) * 1000);
}
