import { beforeEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { PromptWrites } from './prompt-writes.ts';

const MIB = 1 << 20;
let writes: PromptWrites;
beforeEach(() => void (writes = new PromptWrites()));

/** A write on the loop that begins at `at` and takes `duration`; seconds until the next may be there again. */
function pauseAfter(at: number, duration: number): number {
  writes.took(millis(at), millis(at + duration));
  let seconds = 0;
  while (!writes.mayWrite(MIB, millis(at + duration + seconds * 1000))) seconds++;
  return seconds;
}

describe('writes on the loop', () => {
  test.each([
    ['a piece', MIB, true],
    ['four MiB', 4 * MIB, true],
    ['more than is a matter of a few milliseconds', 4 * MIB + 1, false],
  ])('%s', (_, length, expected) => {
    expect(writes.mayWrite(length, millis(0))).toBe(expected);
  });

  test('go on while they are quick', () => {
    for (let at = 0; at < 100; at++) expect(pauseAfter(at * 10, 9)).toBe(0);
  });

  test('go to the pool for five seconds after a slow one', () => {
    expect(pauseAfter(1000, 50)).toBe(5);
  });

  test('stay there for longer each time that they are slow again, up to five minutes', () => {
    let at = 0;
    const pauses = Array.from({ length: 8 }, () => {
      const pause = pauseAfter(at, 200);
      at += 200 + pause * 1000;
      return pause;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 320]);
  });

  test('are trusted anew after a minute without a slow one', () => {
    pauseAfter(0, 100);
    expect(pauseAfter(5100, 100)).toBe(10);
    expect(pauseAfter(5200 + 10_000 + 60_000, 100)).toBe(5);
  });
});
