import { expect, test } from 'vitest';
import { DatagramSize, ETHERNET, TUNNELLED, USUAL, WIDE } from './sizes.ts';

test('a size that came once is the size from then on', () => {
  const size = new DatagramSize(USUAL, [TUNNELLED]);
  expect([size.size, size.wanted]).toEqual([USUAL, TUNNELLED]);
  size.begin(5);
  expect(size.wanted).toBeUndefined();
  size.arrived(4);
  expect(size.size).toBe(USUAL);
  size.arrived(5);
  expect([size.size, size.wanted]).toEqual([TUNNELLED, undefined]);
});

test('one that got lost is tried once more, and then no more', () => {
  const size = new DatagramSize(USUAL, [TUNNELLED]);
  for (const seq of [5, 9]) {
    size.begin(seq);
    expect([size.lost(seq - 1), size.lost(seq), size.lost(seq)]).toEqual([false, true, false]);
    // It came without what made it longer.
    size.arrived(seq);
  }
  expect([size.size, size.wanted]).toEqual([USUAL, undefined]);
});

test('in a tunnel nothing is tried, nor what the system refuses', () => {
  expect(new DatagramSize(USUAL, []).wanted).toBeUndefined();
  const size = new DatagramSize(USUAL, [ETHERNET, TUNNELLED]);
  size.begin(5);
  size.refused();
  expect(size.wanted).toBe(TUNNELLED);
  // What was refused while nothing was tried was for another reason.
  size.refused();
  expect(size.wanted).toBe(TUNNELLED);
});

test('of several the longest is tried first, the longer ones once; what does not pass is told', () => {
  const tooLong: number[] = [];
  const size = new DatagramSize(USUAL, [TUNNELLED, WIDE, ETHERNET], (one) => tooLong.push(one));
  const tried: (number | undefined)[] = [];
  for (let seq = 1; seq < 6; seq++) {
    tried.push(size.wanted);
    size.begin(seq);
    size.lost(seq);
  }
  expect(tried).toEqual([WIDE, ETHERNET, TUNNELLED, TUNNELLED, undefined]);
  expect([size.size, tooLong]).toEqual([USUAL, [WIDE, ETHERNET, TUNNELLED]]);
});
