import { expect, test } from 'vitest';
import { AwakeTime } from './awake.ts';

function start(): { awake: AwakeTime; pass(monotonic: number, wall?: number): void } {
  const at = { monotonic: 5000, wall: 1_000_000 };
  const awake = new AwakeTime(() => ({ ...at }));
  return {
    awake,
    pass: (monotonic, wall = monotonic) => {
      at.monotonic += monotonic;
      at.wall += wall;
      awake.look();
    },
  };
}

test('time that a process runs counts, also where it is held up for a moment', () => {
  const { awake, pass } = start();
  for (const span of [500, 500, 1900, 500]) pass(span);
  expect([awake.now(), awake.slept(), awake.settling]).toEqual([3400, 0, false]);
});

test.each([
  ['stopped, or its loop blocked', 20_000, 20_000],
  ['suspended, where the monotonic clock goes on', 3_600_000, 3_600_000],
  ['suspended, where it does not', 500, 3_600_000],
])('%s: that time is slept, and no silence of others', (_, monotonic, wall) => {
  const { awake, pass } = start();
  pass(500);
  pass(monotonic, wall);
  expect(awake.now()).toBe(1000);
  expect(awake.slept()).toBe(wall - 500);
  expect(awake.settling).toBe(true);
  pass(500);
  expect([awake.now(), awake.settling]).toEqual([1500, false]);
});

test('a monotonic clock that goes back is none for whoever asks', () => {
  const { awake, pass } = start();
  pass(500);
  pass(-300, 100);
  expect([awake.now(), awake.slept(), awake.settling]).toEqual([500, 0, false]);
  pass(100);
  expect(awake.now()).toBe(600);
});

test('the time of day that is set back is no sleep', () => {
  const { awake, pass } = start();
  pass(500, -3_600_000);
  expect([awake.now(), awake.slept(), awake.settling]).toEqual([500, 0, false]);
});
