import { describe, expect, test } from 'vitest';
import { losses, Places } from './places.ts';

describe('the order of connections', () => {
  test('is that in which they were made, but for those of the same second', () => {
    const drawn = [0.9, 0, 0.5];
    const order = new Places(
      () => drawn.shift() ?? 0,
      () => false,
    );
    const first = order.take(10);
    expect(order.take(10.5)).toBeLessThan(first);
    expect(order.take(12)).toBeGreaterThan(first);
  });

  test('a newcomer takes the place that became free last, unless it is lost', () => {
    const order = new Places(
      () => 0.5,
      (address) => address === 'lost',
    );
    const [one, two, three] = [1, 2, 3].map((now) => order.take(now)) as [number, number, number];
    order.leave('a', one);
    order.leave('b', three);
    order.leave('lost', two);
    expect([order.take(50), order.take(50)]).toEqual([three, one]);
    expect(order.take(50)).toBeGreaterThanOrEqual(50);
  });

  test('what is lost is lost at all others', () => {
    const drawn = [0.9, 0.1, 0.2, 0.8];
    const isLost = losses(() => drawn.shift() ?? 0);
    expect(['a', 'b', 'a', 'b', 'a'].map(isLost)).toEqual([false, true, false, true, false]);
  });
});
