import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { SeedingTime } from './seeding-time.ts';

test('what is seldom looked at is told as of now', () => {
  let now = millis(1000);
  const time = new SeedingTime({ seeded: millis(500), untaken: millis(200) }, { now: () => now });
  time.look(true, 0);
  now = millis(61_000);
  expect([time.seeded, time.untaken, time.quiet()]).toEqual([60_500, 60_200, 60_000]);
  time.look(true, 7);
  now = millis(62_000);
  expect([time.seeded, time.untaken, time.quiet()]).toEqual([61_500, 1000, 1000]);
  time.look(false, 7);
  now = millis(90_000);
  expect([time.seeded, time.untaken]).toEqual([61_500, 1000]);
});
