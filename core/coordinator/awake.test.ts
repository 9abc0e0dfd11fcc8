import { expect, test } from 'vitest';
import { Awake, type Rest } from './awake.ts';

const all = new Map(Array.from({ length: 6000 }, (_, i) => [i, i]));

/** What is looked at in a number of seconds. */
function looked(awake: Awake<number>, seconds: number, rest: (one: number) => Rest = () => 'still'): number[] {
  const out: number[] = [];
  for (let i = 0; i < seconds; i++) {
    awake.everySecond(all, (one) => {
      out.push(one);
      return rest(one);
    });
  }
  return out;
}

const times = (of: readonly number[], which: number): number => of.filter((one) => one === which).length;

test('those in which nothing goes on have their turns, each as often as the others', () => {
  const awake = new Awake<number>();
  expect(looked(awake, 1)).toHaveLength(10);
  const first = looked(awake, 599);
  expect(first).toHaveLength(5990);
  expect(new Set(first).size).toBe(5990);
  expect(looked(awake, 1200)).toHaveLength(12_000);
});

test('those about which time decides have their turn every minute', () => {
  const awake = new Awake<number>();
  for (let i = 0; i < 120; i++) awake.wake(i);
  const rest = (one: number): Rest => (one < 120 ? 'timed' : 'still');
  looked(awake, 1, rest);
  const minutes = looked(awake, 300, rest).filter((one) => one < 120);
  for (let i = 0; i < 120; i++) expect(times(minutes, i)).toBeGreaterThanOrEqual(4);
  expect(minutes.length).toBeLessThan(800);
});

test('who is woken is looked at every second until it is at rest', () => {
  const awake = new Awake<number>();
  awake.wake(7);
  awake.wake(8);
  const busy = looked(awake, 5, (one) => (one === 7 ? 'busy' : 'still'));
  expect(times(busy, 7)).toBe(5);
  expect(times(busy, 8)).toBeLessThanOrEqual(2);
  expect(times(looked(awake, 1), 7)).toBe(1);
});

test('one that is gone is not looked at, and one that wakes itself has its turn a second later', () => {
  const awake = new Awake<number>();
  awake.wake(-1);
  awake.wake(5);
  awake.forget(5);
  awake.wake(9);
  const first: number[] = [];
  const both = new Map([
    [9, 9],
    [3, 3],
  ]);
  const look = (one: number): Rest => {
    first.push(one);
    awake.wake(one);
    return 'still';
  };
  awake.everySecond(both, look);
  expect(first).toEqual([9]);
  awake.everySecond(both, look);
  expect(first).toEqual([9, 9]);
});

test('what comes and goes does not hold up the turns of the others', () => {
  const awake = new Awake<number>();
  const some = new Map(Array.from({ length: 1200 }, (_, i) => [i, i]));
  const seen = new Set<number>();
  for (let i = 0; i < 700; i++) {
    some.delete(1200 + i - 1);
    some.set(1200 + i, i);
    awake.everySecond(some, (one) => {
      seen.add(one);
      return 'still';
    });
  }
  for (let i = 0; i < 1199; i++) expect(seen.has(i)).toBe(true);
});
