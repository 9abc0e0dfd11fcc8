import type { Millis } from '../../base/ids.ts';
import type { CalendarTime } from '../../engine/link-rules.ts';

const DAY = 86_400_000;

/** What a calendar of UTC shows: for programs that are told of no other. */
export function utcCalendar(wall: Millis): CalendarTime {
  const date = new Date(wall);
  const minute = Math.floor((wall % DAY) / 60_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, date: date.getUTCDate(), minute };
}
