import { expect, test } from 'vitest';
import { secondsAhead } from './ahead.ts';

test.each([
  ['plenty is left', 100_000_000, 1_000_000, 1],
  ['four seconds are left', 4_000_000, 1_000_000, 1],
  ['two seconds are left', 2_000_000, 1_000_000, 0.5],
  ['all is requested', 0, 1_000_000, 0.15],
  ['nothing comes', 5, 0, 1],
])('%s', (_, unrequested, rate, seconds) => {
  expect(secondsAhead({ unrequested, rate })).toBe(seconds);
  expect(secondsAhead({ unrequested, rate, limited: true })).toBe(Math.min(seconds, 0.3));
  for (const limited of [false, true])
    expect(secondsAhead({ unrequested, rate, hurries: true, limited })).toBe(Math.min(seconds, 0.2));
});
