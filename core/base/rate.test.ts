import { describe, expect, test } from 'vitest';
import { bytesPerSecond, millis, type Millis } from './ids.ts';
import { RateMeter, RecentRate, TimeLeft } from './rate.ts';

const at = (seconds: number): Millis => millis(seconds * 1000);

/** A steady flow of `rate` bytes/s from `from` to `to`, ten times a second. */
function flow(meter: RateMeter, rate: number, from: number, to: number): void {
  for (let tenth = from * 10 + 1; tenth <= to * 10; tenth++) meter.add(rate / 10, millis(tenth * 100));
}

describe('RecentRate', () => {
  const flowing = (rate: number, from: number, to: number, recent = new RecentRate()): RecentRate => {
    for (let half = from * 2 + 1; half <= to * 2; half++) recent.add(rate / 2, millis(half * 500));
    return recent;
  };

  test.each([1000, 100_000_000])('a steady flow of %i bytes/s is told within a seventh', (rate) => {
    const shown = flowing(rate, 0, 10).rate(at(10)) / rate;
    expect(shown).toBeGreaterThan(6 / 7);
    expect(shown).toBeLessThan(8 / 7);
  });
  test('a new rate is told four seconds after a change', () => {
    const recent = flowing(20_000, 20, 24.5, flowing(306_000, 0, 20));
    expect(recent.rate(at(24.5))).toBeLessThan(24_000);
    expect(recent.rate(at(24.5))).toBeGreaterThan(17_000);
  });
  test('silence is told as 0 after four seconds, and not before anything could come', () => {
    const recent = flowing(306_000, 0, 20);
    expect(recent.rate(at(21))).toBeGreaterThan(0);
    expect(recent.rate(at(24.6))).toBe(0);
    recent.add(1000, at(200));
    expect(recent.rate(at(200))).toBe(1000);
  });
  test('a limit cuts what is told at once, and a higher one or none does not', () => {
    const recent = flowing(306_000, 0, 20);
    const before = recent.rate(at(20));
    recent.cut(bytesPerSecond(0), at(20));
    recent.cut(bytesPerSecond(1_000_000), at(20));
    expect(recent.rate(at(20))).toBe(before);
    recent.cut(bytesPerSecond(20_000), at(20));
    expect(recent.rate(at(20))).toBeCloseTo(20_000);
  });
  test.each([0, -5, Number.NaN])('%d bytes are none', (bytes) => {
    const recent = new RecentRate();
    recent.add(bytes, at(1));
    expect(recent.rate(at(1))).toBe(0);
  });
});

describe('RateMeter', () => {
  test('is 0 before anything came', () => {
    const meter = new RateMeter(at(0));
    expect(meter.rate(at(0))).toBe(0);
    expect(meter.rate(at(1000))).toBe(0);
    expect(meter.total).toBe(0);
  });

  test('the first block is no endless rate', () => {
    const meter = new RateMeter(at(5));
    meter.add(16384, at(5));
    expect(meter.rate(at(5))).toBe(16384);
  });

  test.each([1000, 1_000_000, 1_000_000_000])('a steady flow of %i bytes/s is measured within 3%%', (rate) => {
    const meter = new RateMeter(at(0));
    flow(meter, rate, 0, 60);
    expect(meter.rate(at(60)) / rate).toBeGreaterThan(0.97);
    expect(meter.rate(at(60)) / rate).toBeLessThan(1.03);
    expect(meter.total).toBeCloseTo(rate * 60, -1);
  });

  test('old traffic fades out: after a period of half the rate little of the old one is left', () => {
    const meter = new RateMeter(at(0));
    flow(meter, 2000, 0, 100);
    flow(meter, 1000, 100, 160);
    expect(meter.rate(at(160))).toBeGreaterThan(950);
    expect(meter.rate(at(160))).toBeLessThan(1100);
  });

  test('follows at once a peer that starts again after a period of silence', () => {
    const meter = new RateMeter(at(0));
    flow(meter, 1000, 0, 30);
    flow(meter, 50_000, 60, 62);
    expect(meter.rate(at(62))).toBeGreaterThan(30_000);
  });

  test('asking does not change what is measured', () => {
    const asked = new RateMeter(at(0));
    const left = new RateMeter(at(0));
    for (const meter of [asked, left]) flow(meter, 1000, 0, 30);
    for (let s = 30; s < 40; s++) asked.rate(at(s));
    expect(asked.rate(at(40))).toBe(left.rate(at(40)));
  });

  test.each([
    { name: 'young', seconds: 5, limit: 800 },
    { name: 'young, falls to it when old', seconds: 5, limit: 100 },
    { name: 'old', seconds: 60, limit: 400 },
  ])('timeUntil is when the rate has fallen to the limit: $name', ({ seconds, limit }) => {
    const meter = new RateMeter(at(0));
    flow(meter, 1000, 0, seconds);
    const wait = meter.timeUntil(bytesPerSecond(limit), at(seconds));
    expect(wait).toBeGreaterThan(0);
    expect(meter.rate(millis(seconds * 1000 + wait)) / limit).toBeCloseTo(1, 5);
  });

  test('timeUntil is 0 below the limit, endless for none', () => {
    const meter = new RateMeter(at(0));
    flow(meter, 1000, 0, 10);
    expect(meter.timeUntil(bytesPerSecond(5000), at(10))).toBe(0);
    expect(meter.timeUntil(bytesPerSecond(0), at(10))).toBe(Infinity);
  });
});

describe('TimeLeft', () => {
  const run = (timeLeft: TimeLeft, from: number, to: number, remaining: number, rate: number): number => {
    for (let s = from + 1; s <= to; s++) timeLeft.update((remaining -= rate), rate, at(s));
    return remaining;
  };

  test('nothing is known before anything came', () => {
    const timeLeft = new TimeLeft(at(0));
    expect(timeLeft.estimate(at(0))).toBeUndefined();
    timeLeft.update(1000, 0, at(1));
    expect(timeLeft.estimate(at(1))).toBeUndefined();
  });

  test('a limit below the rate is what the rest comes at', () => {
    const timeLeft = new TimeLeft(at(0));
    const remaining = run(timeLeft, 0, 60, 200_000, 1000);
    timeLeft.estimate(at(60));
    expect(timeLeft.estimate(at(60), bytesPerSecond(100))).toBeCloseTo(remaining * 10, -3);
    expect(timeLeft.estimate(at(60), bytesPerSecond(5000))! / remaining).toBeCloseTo(1, 0);
  });

  test('is remaining bytes over the rate, and 0 at the end', () => {
    const timeLeft = new TimeLeft(at(0));
    const remaining = run(timeLeft, 0, 60, 200_000, 1000);
    expect(timeLeft.estimate(at(60))! / remaining).toBeCloseTo(1, 0);
    timeLeft.update(0, 0, at(61));
    expect(timeLeft.estimate(at(61))).toBe(0);
  });

  test('counts down evenly through small changes of rate, and moves for large ones', () => {
    const timeLeft = new TimeLeft(at(0));
    let remaining = run(timeLeft, 0, 100, 1_000_000, 1000);
    const first = timeLeft.estimate(at(100))!;
    remaining = run(timeLeft, 100, 110, remaining, 1100);
    expect(timeLeft.estimate(at(110))).toBe(first - 10_000);
    run(timeLeft, 110, 300, remaining, 100);
    expect(timeLeft.estimate(at(300))!).toBeGreaterThan(2 * first);
  });

  test('gives up after a long silence', () => {
    const timeLeft = new TimeLeft(at(0));
    run(timeLeft, 0, 10, 1_000_000, 100);
    expect(timeLeft.estimate(at(10))).toBeDefined();
    expect(timeLeft.estimate(at(3600))).toBeUndefined();
  });
});
