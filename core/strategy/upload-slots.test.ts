import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uploadSlots } from './upload-slots.ts';

test.each([
  ['alone', 8, [5], [8]],
  ['of two', 8, [5, 5], [4, 4]],
  ['of three, none left over', 8, [4, 4, 4], [3, 3, 2]],
  ['before anybody has peers', 8, [0, 0, 0, 0], [2, 2, 2, 2]],
  ['where one has nearly all peers', 12, [14, 1, 1], [8, 2, 2]],
  ['where one has none', 8, [6, 0], [6, 2]],
  ['never without one beside the optimistic', 4, [9, 0, 0], [2, 2, 2]],
  ['unless that is what was asked for', 1, [3, 3], [1, 1]],
  ['none at all', 0, [3, 3], [0, 0]],
])('%s', (_, most, peers, slots) => {
  expect(uploadSlots(most, peers)).toEqual(slots);
});

test('together they have the slots of one, or two each', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.array(fc.nat(50), { minLength: 1, maxLength: 32 }),
      (most, peers) => {
        const slots = uploadSlots(most, peers);
        expect(slots.reduce((sum, n) => sum + n, 0)).toBe(Math.max(most, Math.min(most, 2) * peers.length));
        for (const [i, mine] of slots.entries())
          for (const [j, others] of slots.entries())
            if ((peers[i] ?? 0) > (peers[j] ?? 0)) expect(mine).toBeGreaterThanOrEqual(others);
      },
    ),
  );
});
