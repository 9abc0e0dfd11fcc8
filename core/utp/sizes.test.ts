import { expect, test } from 'vitest';
import { DatagramSize, LARGEST, USUAL } from './sizes.ts';

test('a size that came once is the size from then on', () => {
  const size = new DatagramSize(USUAL, LARGEST);
  expect([size.size, size.wanted]).toEqual([USUAL, LARGEST]);
  size.begin(5);
  expect(size.wanted).toBeUndefined();
  size.arrived(4);
  expect(size.size).toBe(USUAL);
  size.arrived(5);
  expect([size.size, size.wanted]).toEqual([LARGEST, undefined]);
});

test('one that got lost is tried once more, and then no more', () => {
  const size = new DatagramSize(USUAL, LARGEST);
  for (const seq of [5, 9]) {
    size.begin(seq);
    expect([size.lost(seq - 1), size.lost(seq), size.lost(seq)]).toEqual([false, true, false]);
    // It came without what made it longer.
    size.arrived(seq);
  }
  expect([size.size, size.wanted]).toEqual([USUAL, undefined]);
});

test('in a tunnel nothing is tried, nor what the system refuses', () => {
  expect(new DatagramSize(USUAL, USUAL).wanted).toBeUndefined();
  const size = new DatagramSize(USUAL, LARGEST);
  size.refused();
  expect(size.wanted).toBeUndefined();
});
