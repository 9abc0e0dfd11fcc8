import { expect, test } from 'vitest';
import { Awake } from './awake.ts';

const all = new Map(Array.from({ length: 6000 }, (_, i) => [i, i]));

/** What is looked at in a number of seconds. */
function looked(awake: Awake<number>, seconds: number, rests: (one: number) => boolean = () => true): number[] {
  const out: number[] = [];
  for (let i = 0; i < seconds; i++) {
    awake.everySecond(all, (one) => {
      out.push(one);
      return rests(one);
    });
  }
  return out;
}

test('those at rest have their turns, each as often as the others', () => {
  const awake = new Awake<number>();
  expect(looked(awake, 1)).toHaveLength(100);
  const rest = looked(awake, 59);
  expect(rest).toHaveLength(5900);
  expect(looked(awake, 600)).toHaveLength(60_000);
});

test('who is woken is looked at every second until it is at rest', () => {
  const awake = new Awake<number>();
  awake.wake(7);
  awake.wake(8);
  const times = (of: readonly number[], which: number): number => of.filter((one) => one === which).length;
  const busy = looked(awake, 5, (one) => one !== 7);
  expect(times(busy, 7)).toBe(5);
  expect(times(busy, 8)).toBeLessThanOrEqual(2);
  expect(times(looked(awake, 1), 7)).toBe(1);
  expect(looked(awake, 60)).toHaveLength(6000);
});

test('one that is gone is not looked at, and one that wakes itself has its turn a second later', () => {
  const awake = new Awake<number>();
  awake.wake(-1);
  awake.wake(5);
  awake.forget(5);
  const first: number[] = [];
  awake.everySecond(
    new Map([
      [9, 9],
      [3, 3],
    ]),
    (one) => {
      first.push(one);
      awake.wake(one);
      return true;
    },
  );
  expect(first).not.toContain(-1);
  expect(first).not.toContain(5);
});
