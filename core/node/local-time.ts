import type { Millis } from '../base/ids.ts';

/** Day of the week (0: Sunday) and minutes after midnight here, by the machine's time zone and its summer time. `wall`: Unix milliseconds. */
export function localTime(wall: Millis): { readonly day: number; readonly minute: number } {
  const date = new Date(wall);
  return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
}
