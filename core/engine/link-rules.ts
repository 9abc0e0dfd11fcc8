import type { LinkProfile, LinkWait } from './link-profiles.ts';

/** What the machine's calendar and its clock on the wall show. */
export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** Of the month, from 1. */
  readonly date: number;
  /** After midnight. */
  readonly minute: number;
}

export interface LinkFacts {
  readonly now: Pick<CalendarTime, 'minute'>;
  /** Bytes that it carried in this month. */
  readonly used: number;
  /** Whether this machine has such an address or interface. */
  has(at: string): boolean;
}

/** Why a link is not to be used now, whether or not it is there; undefined: it may be. Pure. */
export function waitOf({ when, metered }: LinkProfile, { now, used, has }: LinkFacts): LinkWait | undefined {
  if (metered !== undefined && used >= metered.allowance) return { kind: 'allowance', allowance: metered.allowance };
  switch (when.kind) {
    case 'always':
      return undefined;
    case 'up':
      return has(when.interface) ? undefined : when;
    case 'down':
      return has(when.interface) ? when : undefined;
    case 'hours':
      return isBetween(now.minute, when.from, when.to) ? undefined : when;
  }
}

/** Across midnight, or the whole day, where it does not end after it begins. */
function isBetween(minute: number, from: number, to: number): boolean {
  return from < to ? from <= minute && minute < to : minute >= from || minute < to;
}

/** The month of a metered link that begins on this day, by the month in which it began: `2026-11`. */
export function meteredMonth({ year, month, date }: CalendarTime, day: number): string {
  const months = year * 12 + month - 1 - (date < day ? 1 : 0);
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`;
}

/** `08:05`, of minutes after midnight. */
export function clockText(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Why a link waits, as people read it. */
export function waitText(wait: LinkWait): string {
  switch (wait.kind) {
    case 'no-profile':
      return 'no link has this name any more';
    case 'gone':
      return `${wait.at} is not there`;
    case 'up':
      return `only while ${wait.interface} is up`;
    case 'down':
      return `only while ${wait.interface} is down`;
    case 'hours':
      return `only from ${clockText(wait.from)} to ${clockText(wait.to)}`;
    case 'allowance':
      return "this month's allowance is used up";
  }
}
