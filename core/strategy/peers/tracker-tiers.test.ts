import { expect, test } from 'vitest';
import { seededRng } from '../testing/scene.ts';
import { promoteTracker, shuffleTiers } from './tracker-tiers.ts';

test('tiers keep their order, the trackers of each are shuffled evenly', () => {
  const orders = new Map<string, number>();
  for (let seed = 1; seed <= 600; seed++) {
    const [first, second] = shuffleTiers([['a', 'b', 'c'], ['z']], seededRng(seed * 7907));
    expect(second).toEqual(['z']);
    const order = first!.join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(6);
  for (const n of orders.values()) expect(n).toBeGreaterThan(60);
});

test('a tracker that answered goes to the front of its tier', () => {
  const tiers = [
    ['a', 'b', 'c'],
    ['d', 'e'],
  ];
  expect(promoteTracker(tiers, 'c')).toEqual([
    ['c', 'a', 'b'],
    ['d', 'e'],
  ]);
  expect(promoteTracker(tiers, 'x')).toEqual(tiers);
});
