import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { type LoadSample, LoopLoad } from './loop-load.ts';

/** Asks every 10 ms for `seconds` while the loop and the cores are so busy, and tells at which times it was full. */
function run(seconds: number, part: { active: number; idle: number }): number[] {
  let sample: LoadSample = { now: millis(0), active: millis(500), idle: millis(9000) };
  const load = new LoopLoad(() => sample);
  const full: number[] = [];
  for (let now = 0; now <= seconds * 1000; now += 10) {
    sample = { now: millis(now), active: millis(500 + part.active * now), idle: millis(9000 + part.idle * now) };
    if (load.isFull(millis(now))) full.push(now);
  }
  return full;
}

describe('LoopLoad', () => {
  test.each([
    ['the loop always at work, a core free', { active: 1, idle: 1 }, [1000, 2000, 3000]],
    ['most of a core free', { active: 0.97, idle: 0.6 }, [1000, 2000, 3000]],
    ['the loop has time to spare', { active: 0.9, idle: 6 }, []],
    ['others have the other cores', { active: 1, idle: 0.3 }, []],
    ['nothing to do', { active: 0.01, idle: 2 }, []],
  ])('%s', (_name, part, expected) => {
    expect(run(3, part)).toEqual(expected);
  });

  test('a burst after a long silence does not count: the silence is in its span', () => {
    let sample: LoadSample = { now: millis(0), active: millis(0), idle: millis(0) };
    const load = new LoopLoad(() => sample);
    expect(load.isFull(millis(0))).toBe(false);
    sample = { now: millis(60_000), active: millis(900), idle: millis(110_000) };
    expect(load.isFull(millis(60_000))).toBe(false);
    sample = { now: millis(60_999), active: millis(1899), idle: millis(111_000) };
    expect(load.isFull(millis(60_999))).toBe(false);
    sample = { now: millis(61_000), active: millis(1900), idle: millis(111_000) };
    expect(load.isFull(millis(61_000))).toBe(true);
  });

  test('asks for a sample once a second at most, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 }), (steps) => {
        let now = 0;
        let samples = 0;
        const load = new LoopLoad(() => {
          samples++;
          return { now: millis(now), active: millis(now), idle: millis(now) };
        });
        for (const step of steps) {
          now += step;
          load.isFull(millis(now));
        }
        expect(samples).toBeLessThanOrEqual(1 + now / 1000);
      }),
    );
  });
});
