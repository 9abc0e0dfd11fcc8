import type { Millis } from '../base/ids.ts';

/** Day of the week (0: Sunday) and minutes after midnight here, by the machine's time zone and its summer time. `wall`: Unix milliseconds. */
export function localTime(wall: Millis): { readonly day: number; readonly minute: number } {
  const date = new Date(wall);
  return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
}

/** What the machine's calendar shows here, with minutes after midnight. `wall`: Unix milliseconds. */
export function calendarTime(wall: Millis): {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly minute: number;
} {
  const date = new Date(wall);
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    date: date.getDate(),
    minute: localTime(wall).minute,
  };
}
