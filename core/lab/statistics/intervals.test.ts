import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../sim/random.ts';
import { fairness, median, medianInterval, quantile } from './intervals.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
  [[1, Infinity, Infinity], Infinity],
  [[1, 2, Infinity], 2],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

test('quantiles lie between neighbours', () => {
  expect(quantile([10, 20, 30, 40], 0.25)).toBe(17.5);
  expect(quantile([], 0.5)).toBeNaN();
});

test.each([
  [[1, 1, 1], 1],
  [[1, 0, 0, 0], 0.25],
  [[0, 0], 1],
])('the fairness of %j is %d', (values, expected) => expect(fairness(values)).toBe(expected));

describe('the interval of a median', () => {
  test('holds the median, lies within the values, and is the same each time, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (values) => {
          const { low, middle, high } = medianInterval(values);
          expect(low).toBeLessThanOrEqual(middle);
          expect(high).toBeGreaterThanOrEqual(middle);
          expect(low).toBeGreaterThanOrEqual(Math.min(...values));
          expect(high).toBeLessThanOrEqual(Math.max(...values));
          expect(medianInterval(values.toReversed())).toEqual({ low, middle, high });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('holds the true one about as often as it says', () => {
    const { uniform } = new SeededRandom(7);
    let held = 0;
    for (let i = 0; i < 200; i++) {
      const { low, high } = medianInterval(Array.from({ length: 15 }, uniform));
      if (low <= 0.5 && high >= 0.5) held++;
    }
    expect(held / 200).toBeGreaterThan(0.88);
  });
});
