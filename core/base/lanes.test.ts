import { expect, test } from 'vitest';
import { inLanes } from './lanes.ts';

test('no more lanes begin than there are items, in their order, and none waits for another', async () => {
  const begun: [string, number][] = [];
  const ends: (() => void)[] = [];
  const done = inLanes(['a', 'b', 'c'], 2, (item, lane) => {
    begun.push([item, lane]);
    return new Promise((resolve) => ends.push(resolve));
  });
  expect(begun).toEqual([
    ['a', 0],
    ['b', 1],
  ]);
  ends[1]!();
  await Promise.resolve();
  await Promise.resolve();
  expect(begun.at(-1)).toEqual(['c', 1]);
  for (const end of ends) end();
  await done;
  const few: number[] = [];
  await inLanes(['a'], 16, (_, lane) => Promise.resolve(void few.push(lane)));
  await inLanes([], 16, () => Promise.reject(new Error('for nothing')));
  expect(few).toEqual([0]);
});

test('after an error nothing begins, and it is told once nothing runs', async () => {
  const begun: number[] = [];
  let over = false;
  const all = inLanes([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('first');
    await Promise.resolve().then(() => undefined);
    over = true;
    throw new Error('second');
  });
  await expect(all).rejects.toThrow('first');
  expect(over).toBe(true);
  expect(begun).toEqual([1, 2]);
});
