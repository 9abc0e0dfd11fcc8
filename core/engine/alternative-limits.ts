import { bytesPerSecond } from '../base/ids.ts';
import type { Settings } from './settings.ts';
import type { RateLimits } from './statuses.ts';

const DAY = 7;

/** What the machine's clock on the wall shows. */
export interface LocalTime {
  /** Of the week, 0: Sunday. */
  readonly day: number;
  /** Minutes after midnight. */
  readonly minute: number;
}

type Choice = Pick<Settings, 'down' | 'up' | 'alternativeDown' | 'alternativeUp' | 'schedule' | 'byHand'>;

interface InForce {
  readonly limits: RateLimits;
  /** Whether they are the alternative ones. */
  readonly alternative: boolean;
  /** What the schedule says. */
  readonly scheduled: boolean;
  /** Whether what was chosen by hand is over, as the schedule says something else since. */
  readonly handOver: boolean;
}

/** Which limits hold now: what was chosen by hand, until the schedule changes next, else what that says. Pure. */
export function limitsInForce(choice: Choice, now: LocalTime): InForce {
  const { byHand } = choice;
  const scheduled = isScheduled(choice.schedule, now);
  const handOver = byHand !== null && byHand.scheduled !== scheduled;
  const alternative = byHand === null || handOver ? scheduled : byHand.on;
  const { down, up } = alternative ? { down: choice.alternativeDown, up: choice.alternativeUp } : choice;
  return { limits: { down: bytesPerSecond(down), up: bytesPerSecond(up) }, alternative, scheduled, handOver };
}

function isScheduled({ on, days, from, to }: Settings['schedule'], { day, minute }: LocalTime): boolean {
  if (!on) return false;
  if (from < to) return days.includes(day) && from <= minute && minute < to;
  // Across midnight, or a whole day where both are the same.
  return (days.includes(day) && minute >= from) || (days.includes((day + DAY - 1) % DAY) && minute < to);
}
