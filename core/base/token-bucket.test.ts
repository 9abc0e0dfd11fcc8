import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerSecond, millis } from './ids.ts';
import { TokenBucket } from './token-bucket.ts';

const KIB = 1024;
const bucket = (rate: number, burst = 500): TokenBucket =>
  new TokenBucket(bytesPerSecond(rate), millis(0), millis(burst));

describe('TokenBucket', () => {
  test('without a limit everything passes at once', () => {
    const free = bucket(0);
    expect(free.unlimited).toBe(true);
    expect(free.take(1e9, millis(0))).toBe(1e9);
    free.spend(1e9, millis(0));
    expect(free.wait(1e9, millis(0))).toBe(0);
  });

  test('takes what is there, never more, and fills with time', () => {
    const limited = bucket(100 * KIB);
    expect(limited.take(1e6, millis(0))).toBe(50 * KIB);
    expect(limited.take(1, millis(0))).toBe(0);
    expect(limited.take(1e6, millis(100))).toBe(10 * KIB);
    expect(limited.take(1e6, millis(60_000))).toBe(50 * KIB);
  });

  test('a block passes at the slowest rate', () => {
    const slow = bucket(100);
    slow.take(1e6, millis(0));
    const wait = slow.wait(16384 + 13, millis(0));
    expect(wait).toBe(163_970);
    expect(slow.take(16384 + 13, wait)).toBe(16384 + 13);
  });

  test('spend goes into debt, which is to be waited out', () => {
    const limited = bucket(1000 * KIB);
    limited.spend(1500 * KIB, millis(0));
    expect(limited.wait(1, millis(0))).toBe(1001);
    expect(limited.take(1, millis(999))).toBe(0);
    expect(limited.wait(1, millis(1001))).toBe(0);
  });

  test('waiting for more than it holds ends when it is full', () => {
    const limited = bucket(100 * KIB);
    expect(limited.wait(1e9, millis(0))).toBe(0);
    limited.take(50 * KIB, millis(0));
    expect(limited.wait(1e9, millis(0))).toBe(500);
  });

  test('a new rate holds from now on; savings shrink to what it may hold', () => {
    const limited = bucket(1000 * KIB);
    limited.setRate(bytesPerSecond(100 * KIB), millis(0));
    expect(limited.take(1e9, millis(0))).toBe(50 * KIB);
    limited.setRate(bytesPerSecond(0), millis(0));
    expect(limited.take(1e9, millis(0))).toBe(1e9);
    limited.setRate(bytesPerSecond(64 * KIB), millis(10));
    expect(limited.take(1e9, millis(10))).toBe(32 * KIB);
  });

  test('time that does not move, or moves back, gives nothing', () => {
    const limited = bucket(100 * KIB);
    limited.take(1e9, millis(1000));
    expect(limited.take(1e9, millis(500))).toBe(0);
    expect(limited.take(1e9, millis(1000))).toBe(0);
  });

  test('over any time no more passes than the rate and one burst allow', () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 3000 }), wanted: fc.integer({ min: 0, max: 1e6 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e7 }), fc.array(step), (rate, steps) => {
        const limited = bucket(rate);
        let now = 0;
        let passed = 0;
        for (const { wait, wanted } of steps) {
          now += wait;
          passed += limited.take(wanted, millis(now));
        }
        expect(passed).toBeLessThanOrEqual(Math.max(32 * KIB, rate / 2) + (rate * now) / 1000 + 1);
      }),
    );
  });
});
