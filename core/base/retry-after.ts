import { millis } from './ids.ts';
import type { Millis } from './ids.ts';

/** How long a `Retry-After` asks to wait: a number of seconds, or a date (RFC 9110). `now`: the wall clock. Undefined where it is neither. */
export function retryAfter(value: string | undefined, now: number): Millis | undefined {
  if (value === undefined || value.length > 64) return undefined;
  if (/^\d{1,9}$/.test(value)) return millis(Number(value) * 1000);
  const date = value.endsWith(' GMT') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : millis(Math.max(0, date - now));
}
