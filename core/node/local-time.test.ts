import { afterEach, describe, expect, it } from 'vitest';
import { millis } from '../base/ids.ts';
import { localTime } from './local-time.ts';

const before = process.env['TZ'];
afterEach(() => {
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});

const minutes = (hour: number, minute: number): number => hour * 60 + minute;

describe('the local time', () => {
  it.each([
    ['UTC', '2026-03-29T00:59:00Z', 0, minutes(0, 59)],
    // The hour from 2 to 3 is left out.
    ['Europe/Berlin', '2026-03-29T00:59:00Z', 0, minutes(1, 59)],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 0, minutes(3, 0)],
    // And in autumn it comes twice.
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 0, minutes(2, 30)],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', 0, minutes(2, 30)],
    ['Europe/Berlin', '2026-10-25T02:30:00Z', 0, minutes(3, 30)],
    // Another day than in London.
    ['America/New_York', '2026-03-02T03:00:00Z', 0, minutes(22, 0)],
    ['Asia/Kolkata', '2026-03-01T20:00:00Z', 1, minutes(1, 30)],
  ])('%s, %s: day %i, minute %i', (zone, wall, day, minute) => {
    process.env['TZ'] = zone;
    expect(localTime(millis(Date.parse(wall)))).toEqual({ day, minute });
  });
});
