import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uploadSlots } from './upload-slots.ts';

test.each([
  ['alone', 8, [5], [8]],
  ['of two', 8, [5, 5], [4, 4]],
  ['of three', 8, [4, 4, 4], [3, 3, 2]],
  ['before anybody has peers', 8, [0, 0, 0, 0], [2, 2, 2, 2]],
  ['where one has nearly all leechers', 12, [14, 1, 1], [10, 1, 1]],
  ['where one has half of them', 8, [6, 2, 2, 2], [5, 1, 1, 1]],
  ['where one has none', 8, [6, 0], [8, 1]],
  ['of more than there are slots', 8, [5, 5, 5, 5, 5, 5, 5, 5, 5], [1, 1, 1, 1, 1, 1, 1, 1, 1]],
  ['unless less is what was asked for', 1, [3, 3], [1, 1]],
  ['none at all', 0, [3, 3], [0, 0]],
  ['of nobody', 8, [], []],
])('%s', (_, most, leechers, slots) => {
  expect(uploadSlots(most, leechers)).toEqual(slots);
});

test('together they have the slots of one, and one each at most beyond', () => {
  const leechers = fc.array(fc.nat(50), { minLength: 1, maxLength: 32 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), leechers, (most, of) => {
      const slots = uploadSlots(most, of);
      const sum = slots.reduce((total, count) => total + count, 0);
      expect(sum).toBeGreaterThanOrEqual(most);
      expect(sum).toBeLessThanOrEqual(most + of.length);
      for (const [i, mine] of slots.entries())
        for (const [j, others] of slots.entries())
          if ((of[i] ?? 0) > (of[j] ?? 0)) expect(mine).toBeGreaterThanOrEqual(others);
    }),
  );
});
