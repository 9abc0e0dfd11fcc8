import { describe, expect, test } from 'vitest';
import { SeededRandom } from './random.ts';

describe('SeededRandom', () => {
  test('one seed gives one sequence, another seed another', () => {
    const draw = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return [random.uniform(), random.uniform(), ...random.bytes(4)];
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  test('is spread evenly', () => {
    const random = new SeededRandom(42);
    const buckets = Array.from({ length: 16 }, () => 0);
    for (let i = 0; i < 16_000; i++) {
      const value = random.uniform();
      expect(value >= 0 && value < 1).toBe(true);
      const bucket = Math.floor(value * 16);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // A share of 1000 each; five standard deviations are 153.
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(153);
    expect(new Set(random.bytes(2000)).size).toBe(256);
  });
});
