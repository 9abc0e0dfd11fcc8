import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { finishPart } from './finish-part.ts';

test('tells now and then that it takes a while, and stops when there is no time for it any more', async () => {
  const clock = new VirtualClock();
  const hurry = new AbortController();
  let told = 0;
  let done = false;
  const stopped = new Promise<void>((resolve) => hurry.signal.addEventListener('abort', () => resolve()));
  const finish = (signal?: AbortSignal): Promise<void> => {
    expect(signal).toBe(hurry.signal);
    return stopped;
  };
  const all = finishPart({ finish }, clock, hurry.signal, () => told++).then(() => {
    done = true;
  });
  await clock.advance(7000);
  expect([told, done]).toEqual([3, false]);
  hurry.abort();
  await all;
  expect(clock.pending).toBe(0);
});

test('does not begin where there is no time', async () => {
  const finish = (): Promise<void> => Promise.reject(new Error('began'));
  await finishPart({ finish }, new VirtualClock(), AbortSignal.abort(), () => {});
});

test('an error is its caller’s, and nothing is told any more', async () => {
  const clock = new VirtualClock();
  const finish = (): Promise<void> => Promise.reject(new Error('disk'));
  await expect(finishPart({ finish }, clock, new AbortController().signal, () => {})).rejects.toThrow('disk');
  expect(clock.pending).toBe(0);
});
