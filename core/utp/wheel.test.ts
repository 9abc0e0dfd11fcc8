import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { Waiting, Wheel } from './wheel.ts';

class Sleeper extends Waiting {
  readonly woke: number[] = [];
  /** Until then it is woken in vain. */
  until = 0;

  override woken(now: number): number {
    this.woke.push(now);
    if (this.woke.length > 1_000) throw new Error('woken again and again');
    return now < this.until ? this.until : Infinity;
  }
}

test('it wakes at the time or at most a slot later, with one timer', async () => {
  const clock = new VirtualClock();
  const wheel = new Wheel(clock);
  const all = [5, 100, 101, 4_000, 60_000].map((time) => {
    const one = new Sleeper();
    one.until = time;
    wheel.wake(one, time);
    return { one, time };
  });
  expect(clock.pending).toBe(1);
  await clock.advance(70_000);
  for (const { one, time } of all) {
    const at = one.woke.at(-1) ?? -1;
    expect(at).toBeGreaterThanOrEqual(time);
    expect(at).toBeLessThan(time + 40);
  }
  expect([wheel.size, clock.pending]).toEqual([0, 0]);
});

test('who is forgotten is not woken; without anybody there is no timer', async () => {
  const clock = new VirtualClock();
  const wheel = new Wheel(clock);
  const one = new Sleeper();
  wheel.wake(one, 100);
  wheel.forget(one);
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(one.woke).toEqual([]);
});

test('an earlier time counts, a later one does not', async () => {
  const clock = new VirtualClock();
  const wheel = new Wheel(clock);
  const one = new Sleeper();
  wheel.wake(one, 1_000);
  wheel.wake(one, 200);
  wheel.wake(one, 3_000);
  await clock.advance(5_000);
  expect(one.woke).toEqual([200]);
});

test('whatever is asked, all are woken once, in time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 40 }), async (times) => {
      const clock = new VirtualClock();
      const wheel = new Wheel(clock);
      await clock.advance(12_345);
      const all = times.map((time) => {
        const one = new Sleeper();
        wheel.wake(one, clock.now() + time);
        return one;
      });
      await clock.advance(5_000);
      all.forEach((one, i) => {
        const [at = 0] = one.woke;
        expect(one.woke.length).toBe(1);
        expect(Math.abs(at - 12_345 - (times[i] ?? 0) - 10)).toBeLessThanOrEqual(31);
      });
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
