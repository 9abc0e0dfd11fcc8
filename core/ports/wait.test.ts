import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { wait } from './wait.ts';

test('the time, or the first signal, ends it, and nothing is left', async () => {
  const clock = new VirtualClock();
  const [one, other] = [new AbortController(), new AbortController()];
  await clock.resolve(wait(clock, 5000, one.signal, other.signal), 60_000);
  expect(clock.now()).toBe(5000);
  const waiting = wait(clock, 5000, one.signal, other.signal);
  other.abort();
  await clock.resolve(waiting, 60_000);
  expect(clock.now()).toBe(5000);
  for (const { signal } of [one, other]) expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('where a signal was given before it does not wait', async () => {
  const clock = new VirtualClock();
  await clock.resolve(wait(clock, 5000, AbortSignal.abort()), 60_000);
  expect(clock.now()).toBe(0);
});
