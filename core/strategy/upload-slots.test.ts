import { expect, test } from 'vitest';
import { uploadSlots } from './upload-slots.ts';

test.each([
  ['alone', 8, 1, 8],
  ['of two', 8, 2, 4],
  ['of three, rounded up', 8, 3, 3],
  ['never without one beside the optimistic', 4, 32, 2],
  ['unless that is what was asked for', 1, 4, 1],
  ['none at all', 0, 4, 0],
])('%s', (_, most, sharers, slots) => {
  expect(uploadSlots(most, sharers)).toBe(slots);
});
