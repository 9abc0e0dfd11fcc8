import { beforeEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { PromptReads } from './prompt-reads.ts';

const CHUNK = 256 << 10;
let reads: PromptReads;
let now: number;
beforeEach(() => {
  reads = new PromptReads();
  now = 0;
});

/** Whether the next one may be on the loop, too, after one there that took so many ms. */
function took(duration: number, length = CHUNK): boolean {
  reads.took(length, millis(now), millis(now + duration));
  now += duration;
  return reads.mayRead(CHUNK, millis(now));
}

describe('reads on the loop', () => {
  test('are of what an upload reads at a time', () => {
    expect([CHUNK, CHUNK + 1].map((length) => reads.mayRead(length, millis(0)))).toEqual([true, false]);
  });

  test('go on while the system has it in memory, also where another process had the core for a moment', () => {
    for (let i = 0; i < 1000; i++) expect(took(i % 20 === 0 ? 4 : 0.15)).toBe(true);
  });

  test.each([
    ['one that waits for a disk', 12, CHUNK, 1],
    ['many that wait for a quick one', 1.2, CHUNK, 15],
    ['small ones, too', 0.6, 16 << 10, 22],
  ])('go to the pool for five seconds after %s', (_, duration, length, most) => {
    let count = 1;
    while (took(duration, length)) count++;
    expect(count).toBeLessThanOrEqual(most);
    expect([4999, 5000].map((span) => reads.mayRead(CHUNK, millis(now + span)))).toEqual([false, true]);
  });
});
