import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { millis } from '../base/ids.ts';
import { AwakeTime } from './awake.ts';
import { Beat } from './beat.ts';
import { NodeClock } from './clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process whose timers do not run while it sleeps, and are due when it goes on. */
function start(): {
  clock: NodeClock;
  sleep(span: number): Promise<void>;
  told: string[];
  tell(what: string): () => void;
} {
  let offset = 0;
  const awake = new AwakeTime(() => ({ monotonic: Date.now() + offset, wall: Date.now() + offset }));
  const told: string[] = [];
  return {
    clock: new NodeClock(awake, new Beat(awake)),
    told,
    tell: (what) => () => void told.push(what),
    sleep: async (span) => {
      // The system's timers go by its clock: those that fell due in the sleep fire at once.
      offset += span;
      await vi.advanceTimersByTimeAsync(1);
    },
  };
}

test('a task falls due after so much time that the process ran', async () => {
  const { clock, sleep, told, tell } = start();
  clock.after(millis(6000), tell('six'));
  await vi.advanceTimersByTimeAsync(5000);
  await sleep(600_000);
  await vi.advanceTimersByTimeAsync(800);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1500);
  expect(told).toEqual(['six']);
});

test('what falls due just after a sleep lets be heard first what came in it', async () => {
  const { clock, sleep, told, tell } = start();
  clock.every(millis(500), tell('tick'));
  await vi.advanceTimersByTimeAsync(499);
  await sleep(20_000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual(['tick']);
});

test('a task that was called off does not run, also while it waits for that', async () => {
  const { clock, sleep, told, tell } = start();
  const every = clock.every(millis(1000), tell('tick'));
  const after = clock.after(millis(1000), tell('once'));
  await vi.advanceTimersByTimeAsync(999);
  await sleep(20_000);
  every.cancel();
  after.cancel();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([]);
});

test('delays beyond what the system takes are kept, too', async () => {
  const clock = new NodeClock({ now: () => Date.now(), slept: () => 0, settling: false });
  const told: string[] = [];
  clock.after(millis(3e9), () => told.push('late'));
  await vi.advanceTimersByTimeAsync(2.9e9);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(2e8);
  expect(told).toEqual(['late']);
});
