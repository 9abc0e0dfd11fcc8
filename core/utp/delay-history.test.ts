import { describe, expect, test } from 'vitest';
import { ClockDrift, DelayHistory } from './delay-history.ts';

const MINUTE = 60_000;

describe('the queueing delay', () => {
  /** After these samples, one a second. */
  const after = (...samples: number[]): number => {
    const history = new DelayHistory();
    samples.forEach((sample, i) => history.add(sample >>> 0, i * 1000));
    return history.queueing;
  };

  test.each([
    ['is nothing at first', [500], 0],
    ['is what is above the lowest', [500, 900, 900, 900], 400],
    ['a single late packet does not count', [500, 500, 500, 90_000], 0],
    ['a lower sample is the new ground', [500, 300, 800, 800, 800], 500],
    ['clocks go round, upwards', [0xffff_ff00, 0x100, 0x100, 0x100], 0x200],
    ['and downwards', [0x100, 0xffff_ff00, 0x100, 0x100, 0x100], 0x200],
  ])('%s', (_, samples, delay) => {
    expect(after(...samples)).toBe(delay);
  });

  test('the lowest is forgotten after 13 minutes, as clocks drift', () => {
    const history = new DelayHistory();
    history.add(100, 0);
    for (let t = 1; t <= 12 * 60; t++) history.add(5_000, t * 1000);
    expect(history.queueing).toBe(4_900);
    for (let t = 12 * 60; t <= 15 * 60; t++) history.add(5_000, t * 1000);
    expect(history.queueing).toBe(0);
  });

  test('a clock that runs away, 10 ms in five minutes, makes no delay of more than two minutes’ drift', () => {
    const history = new DelayHistory();
    // The other clock is faster: samples rise, which is the bad direction.
    for (let t = 0; t < 60 * MINUTE; t += 500) history.add(Math.round((t / 300_000) * 10_000), t);
    expect(history.queueing).toBeLessThan(27_000);
  });

  test('what counts as empty can be raised', () => {
    const history = new DelayHistory();
    for (const sample of [500, 900, 900, 900]) history.add(sample, 0);
    history.shift(300);
    expect(history.queueing).toBe(100);
  });
});

describe('the drift of a clock', () => {
  const penaltyOf = (microsASecond: number, noise: (i: number) => number = () => 0): number => {
    const drift = new ClockDrift();
    for (let i = 0; i < 4_000; i++) {
      drift.add((0xffff_0000 + Math.round((i / 10) * microsASecond) + noise(i)) >>> 0, i * 100);
    }
    return drift.penalty;
  };

  test.each([
    ['costs an honest clock nothing', 30, 0],
    ['nor one that runs the other way', -30, 0],
    ['nor one that is fast', 100_000, 0],
  ])('%s', (_, rate, penalty) => {
    expect(penaltyOf(rate)).toBe(penalty);
  });

  test('costs one that is made slow what it wins, so that nobody gets more than a share by that', () => {
    // 60 ms less a second: 300 ms a slot of five seconds, 100 more than what is let pass.
    expect(penaltyOf(-60_000)).toBeCloseTo(100_000 / 7, -2);
  });

  test('a queue that comes and goes is none', () => {
    expect(penaltyOf(0, (i) => (Math.floor(i / 50) % 2) * 150_000)).toBe(0);
  });
});
