import { expect, test } from 'vitest';
import { RoundTrip } from './round-trip.ts';

const after = (...times: number[]): RoundTrip => {
  const trip = new RoundTrip();
  for (const time of times) trip.add(time);
  return trip;
};

test.each([
  ['nothing is known', after(), 3_000],
  ['a way is short', after(10, 10, 10), 500],
  ['a way is long', after(400), 400 + 4 * 200],
  ['it was always as long', after(...Array.from({ length: 60 }, () => 400)), 500],
])('the time-out where %s', (_, trip, timeout) => {
  expect(trip.timeout).toBeCloseTo(timeout, 0);
});

test('it is doubled each time that it passes, up to half a minute, until something is heard', () => {
  const trip = after(10);
  const seen = [trip.timeout];
  for (let i = 0; i < 8; i++) {
    trip.timedOut();
    seen.push(trip.timeout);
  }
  expect(seen).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  trip.heard();
  expect(trip.timeout).toBe(500);
});
