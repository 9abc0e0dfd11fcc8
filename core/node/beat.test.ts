import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwakeTime } from './awake.ts';
import { Beat } from './beat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(): { beat: Beat; told: [string, number][]; tell(what: string): () => void } {
  const began = Date.now();
  const told: [string, number][] = [];
  return {
    beat: new Beat(new AwakeTime(() => ({ monotonic: Date.now(), wall: Date.now() }))),
    told,
    tell: (what) => () => void told.push([what, Date.now() - began]),
  };
}

test('what began at different times happens at once, and about as often as it was asked for', async () => {
  const { beat, told, tell } = start();
  beat.every(2000, tell('a'));
  await vi.advanceTimersByTimeAsync(400);
  beat.every(2000, tell('b'));
  await vi.advanceTimersByTimeAsync(400);
  beat.every(1000, tell('c'));
  await vi.advanceTimersByTimeAsync(3400);
  expect(told).toEqual([
    ['a', 2000],
    ['b', 2000],
    ['c', 2000],
    ['c', 3000],
    ['a', 4000],
    ['b', 4000],
    ['c', 4000],
  ]);
});

test('where something wakes the process about once a second it comes along, soon, and by itself again when that is over', async () => {
  const { beat, told, tell } = start();
  beat.every(1000, tell('a'));
  const began = Date.now();
  const wakeUntil = async (end: number): Promise<void> => {
    for (let at = 600; at < end; at += 1000) {
      await vi.advanceTimersByTimeAsync(at - (Date.now() - began));
      beat.woken();
    }
  };
  await wakeUntil(10_000);
  const times = told.map(([, at]) => at);
  expect(times.slice(-4)).toEqual([6600, 7600, 8600, 9600]);
  for (const [i, at] of times.entries()) expect(at - (times[i - 1] ?? 0)).toBeLessThanOrEqual(1300);
  told.length = 0;
  await vi.advanceTimersByTimeAsync(3500);
  expect(told.map(([, at]) => at)).toEqual([10_900, 11_900, 12_900]);
});

test('a task may end another, or itself, and begin one', async () => {
  const { beat, told, tell } = start();
  const first = beat.every(1000, () => {
    first.cancel();
    first.cancel();
    second.cancel();
    beat.every(1000, tell('third'));
  });
  const second = beat.every(1000, tell('second'));
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual([['third', 2000]]);
});

test('a fault in one task is told, and holds up no other', async () => {
  const { beat, told, tell } = start();
  beat.every(1000, () => {
    throw new Error('broken');
  });
  beat.every(1000, tell('other'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(() => vi.advanceTimersByTime(1)).toThrow('broken');
  expect(told).toEqual([['other', 1000]]);
});

test('the process lives on for tasks, but not for idle ones', () => {
  const timers: { hasRef(): boolean }[] = [];
  const real = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (run: () => void, period: number) => {
    const timer = real(run, period);
    timers.push(timer);
    return timer;
  });
  const { beat } = start();
  vi.unstubAllGlobals();
  const alive = (): boolean | undefined => timers[0]?.hasRef();
  beat.every(1000, () => {}, true);
  expect(alive()).toBe(false);
  const one = beat.every(1000, () => {});
  const other = beat.every(1000, () => {});
  one.cancel();
  one.cancel();
  expect(alive()).toBe(true);
  other.cancel();
  expect(alive()).toBe(false);
});
