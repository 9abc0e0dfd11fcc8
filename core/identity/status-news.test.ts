import { expect, test } from 'vitest';
import { StatusNews } from './status-news.ts';

test('of thousands at rest each is told of once, and none is asked until it is woken', () => {
  const news = new StatusNews<number>();
  const states = new Map(Array.from({ length: 5000 }, (_, i): [number, string | undefined] => [i, 'seeding']));
  let asked = 0;
  const due = (): readonly number[] =>
    news.due((key) => {
      asked++;
      return states.get(key);
    });
  news.renew(states.keys());
  expect(due()).toHaveLength(5000);
  expect([due(), asked]).toEqual([[], 5000]);
  news.wake(7);
  expect([due(), asked]).toEqual([[], 5001]);
  states.set(7, undefined);
  news.wake(7);
  expect([due(), due(), due()]).toEqual([[7], [7], [7]]);
  states.set(7, 'seeding');
  expect([due(), due()]).toEqual([[7], []]);
  states.set(8, 'paused');
  news.wake(8);
  expect([due(), due()]).toEqual([[8], []]);
  news.wake(9);
  news.forget(9);
  expect(due()).toEqual([]);
  news.changed(10);
  expect([due(), due()]).toEqual([[10], []]);
  news.renew(states.keys());
  expect(due()).toHaveLength(5000);
});

test('of those at rest a few are told of each time, in turn', () => {
  const news = new StatusNews<number>();
  const due = (): readonly number[] => news.due(() => 'seeding');
  news.renew([0, 1, 2, 3, 4]);
  due();
  const told = Array.from({ length: 4 }, () => {
    news.renewSome(2);
    return due();
  });
  expect(told).toEqual([
    [0, 1],
    [2, 3],
    [4, 0],
    [1, 2],
  ]);
});
