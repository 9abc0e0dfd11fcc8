import { expect, test } from 'vitest';
import { LoopHasher } from './loop-hasher.ts';

test('memory is given out again once it is free, never twice at a time, and none that is too short', () => {
  const hasher = new LoopHasher();
  const first = hasher.allocate(100);
  const second = hasher.allocate(100);
  expect(second.buffer).not.toBe(first.buffer);
  hasher.free(first);
  expect(hasher.allocate(50).buffer).toBe(first.buffer);
  expect(hasher.allocate(50).buffer).not.toBe(first.buffer);
  hasher.free(second);
  expect(hasher.allocate(101).buffer).not.toBe(second.buffer);
  expect(hasher.allocate(100).buffer).toBe(second.buffer);
});

test('what is large is not kept', () => {
  const hasher = new LoopHasher();
  const large = hasher.allocate(1 << 21);
  hasher.free(large);
  expect(hasher.allocate(1).buffer).not.toBe(large.buffer);
});
