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
  beat.every(1000, tell('a'));
  await vi.advanceTimersByTimeAsync(200);
  beat.every(1000, tell('b'));
  await vi.advanceTimersByTimeAsync(200);
  beat.every(500, tell('c'));
  await vi.advanceTimersByTimeAsync(1700);
  expect(told).toEqual([
    ['a', 1000],
    ['b', 1000],
    ['c', 1000],
    ['c', 1500],
    ['a', 2000],
    ['b', 2000],
    ['c', 2000],
  ]);
});

test('a task may end another, or itself, and begin one', async () => {
  const { beat, told, tell } = start();
  const first = beat.every(500, () => {
    first.cancel();
    first.cancel();
    second.cancel();
    beat.every(500, tell('third'));
  });
  const second = beat.every(500, tell('second'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([['third', 1000]]);
});

test('a fault in one task is told, and holds up no other', async () => {
  const { beat, told, tell } = start();
  beat.every(500, () => {
    throw new Error('broken');
  });
  beat.every(500, tell('other'));
  await vi.advanceTimersByTimeAsync(500);
  expect(() => vi.advanceTimersByTime(1)).toThrow('broken');
  expect(told).toEqual([['other', 500]]);
});

test('the process lives on for tasks, but not for idle ones', async () => {
  const timers: { hasRef(): boolean }[] = [];
  const real = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (run: () => void, period: number) => {
    const timer = real(run, period);
    timers.push(timer);
    return timer;
  });
  const { beat } = start();
  const alive = (): boolean | undefined => timers.at(-1)?.hasRef();
  beat.every(1000, () => {}, true);
  expect(alive()).toBe(false);
  const one = beat.every(1000, () => {});
  const other = beat.every(1000, () => {});
  one.cancel();
  one.cancel();
  expect(alive()).toBe(true);
  await vi.advanceTimersByTimeAsync(3000);
  expect(alive()).toBe(true);
  other.cancel();
  expect(alive()).toBe(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(alive()).toBe(false);
  vi.unstubAllGlobals();
});

test('a beat without a task is left out, and comes again with one', async () => {
  const { beat } = start();
  const began = Date.now();
  const told: number[] = [];
  beat.every(1000, () => {});
  const wakes: number[] = [];
  const real = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (run: () => void, period: number) =>
    real(() => (wakes.push(Date.now() - began), run()), period),
  );
  await vi.advanceTimersByTimeAsync(3100);
  expect(wakes).toEqual([2000, 3000]);
  const often = beat.every(500, () => void told.push(Date.now() - began));
  await vi.advanceTimersByTimeAsync(1000);
  often.cancel();
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual([3500, 4000]);
  expect(wakes.slice(2)).toEqual([3500, 4000, 4500, 5000, 6000]);
  vi.unstubAllGlobals();
});
