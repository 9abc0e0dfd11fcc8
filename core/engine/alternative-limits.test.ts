import { describe, expect, it } from 'vitest';
import { bytesPerSecond } from '../base/ids.ts';
import { limitsInForce, type LocalTime } from './alternative-limits.ts';
import { defaultSettings, type Settings } from './settings.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Mon 08:30`. */
function time(text: string): LocalTime {
  const [day = '', hour = '', minute = ''] = text.split(/[ :]/);
  return { day: DAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute) };
}

/** `Mon-Fri 08:00-18:00`, the days on which it begins. */
function schedule(text: string): Settings['schedule'] {
  const [days = '', hours = ''] = text.split(' ');
  const [from = '', to = ''] = hours.split('-').map((hour) => time(`Sun ${hour}`).minute);
  const [first = '', last = first] = days.split('-');
  return {
    on: true,
    days: DAYS.map((_, day) => day).slice(DAYS.indexOf(first), DAYS.indexOf(last) + 1),
    from: Number(from),
    to: Number(to),
  };
}

const settings: Settings = {
  ...defaultSettings('/x'),
  down: bytesPerSecond(1000),
  up: bytesPerSecond(0),
  alternativeDown: bytesPerSecond(10),
  alternativeUp: bytesPerSecond(5),
};

describe('the schedule', () => {
  it.each([
    ['Mon-Fri 08:00-18:00', 'Mon 07:59', false],
    ['Mon-Fri 08:00-18:00', 'Mon 08:00', true],
    ['Mon-Fri 08:00-18:00', 'Fri 17:59', true],
    ['Mon-Fri 08:00-18:00', 'Fri 18:00', false],
    ['Mon-Fri 08:00-18:00', 'Sat 12:00', false],
    ['Sun 00:00-23:59', 'Sun 00:00', true],
    // Across midnight: it belongs to the day on which it begins.
    ['Mon 22:00-06:00', 'Mon 21:59', false],
    ['Mon 22:00-06:00', 'Mon 22:00', true],
    ['Mon 22:00-06:00', 'Tue 05:59', true],
    ['Mon 22:00-06:00', 'Tue 06:00', false],
    ['Mon 22:00-06:00', 'Tue 22:00', false],
    ['Mon 22:00-06:00', 'Mon 05:00', false],
    ['Sat 22:00-06:00', 'Sun 01:00', true],
    // A whole day, from hour to hour.
    ['Wed 09:00-09:00', 'Wed 08:59', false],
    ['Wed 09:00-09:00', 'Wed 09:00', true],
    ['Wed 09:00-09:00', 'Thu 08:59', true],
    ['Wed 09:00-09:00', 'Thu 09:00', false],
    ['Wed 00:00-00:00', 'Wed 23:59', true],
    ['Wed 00:00-00:00', 'Thu 00:00', false],
  ])('%s, at %s: %s', (when, now, alternative) => {
    const inForce = limitsInForce({ ...settings, schedule: schedule(when) }, time(now));
    expect([inForce.alternative, inForce.limits]).toEqual([
      alternative,
      alternative ? { down: 10, up: 5 } : { down: 1000, up: 0 },
    ]);
  });

  it('says nothing while it is off, or has no days', () => {
    const all = schedule('Sun-Sat 00:00-00:00');
    expect(limitsInForce({ ...settings, schedule: { ...all, on: false } }, time('Mon 12:00')).alternative).toBe(false);
    expect(limitsInForce({ ...settings, schedule: { ...all, days: [] } }, time('Mon 12:00')).alternative).toBe(false);
  });
});

describe('by hand', () => {
  it.each([
    // Chosen while the schedule said no.
    [{ on: true, scheduled: false }, 'Mon 07:00', true, false],
    [{ on: true, scheduled: false }, 'Mon 08:00', true, true],
    [{ on: false, scheduled: false }, 'Mon 08:00', true, true],
    // And yes.
    [{ on: false, scheduled: true }, 'Mon 09:00', false, false],
    [{ on: false, scheduled: true }, 'Mon 18:00', false, true],
    [{ on: true, scheduled: true }, 'Mon 18:00', false, true],
  ])('%j, at %s: %s', (byHand, now, alternative, handOver) => {
    const choice = { ...settings, schedule: schedule('Mon-Fri 08:00-18:00'), byHand };
    expect(limitsInForce(choice, time(now))).toMatchObject({ alternative, handOver });
  });

  it('without a schedule it holds until it is chosen otherwise', () => {
    const choice = { ...settings, byHand: { on: true, scheduled: false } };
    expect(limitsInForce(choice, time('Mon 08:00'))).toMatchObject({ alternative: true, handOver: false });
  });
});
