import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shuffled } from './shuffled.ts';

test('keeps everything, and leaves what it was given as it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer()),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (items, draws) => {
        const before = [...items];
        const out = shuffled(items, () => draws.next().value ?? 0);
        const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
        expect(sorted(out)).toEqual(sorted(items));
        expect(items).toEqual(before);
      },
    ),
  );
});

test('the draws decide the order', () => {
  expect(shuffled(['a', 'b', 'c'], () => 0)).toEqual(['b', 'c', 'a']);
  expect(shuffled(['a', 'b', 'c'], () => 0.999)).toEqual(['a', 'b', 'c']);
});
