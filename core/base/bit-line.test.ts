import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitLine } from './bit-line.ts';
import { Bitfield } from './bitfield.ts';

const setOf = (length: number, ...members: number[]): Bitfield => {
  const set = new Bitfield(length);
  for (const member of members) set.add(member);
  return set;
};

test.each<[string, Bitfield, number, number[]]>([
  ['no pieces', setOf(0), 4, []],
  ['fewer pieces than cells', setOf(3, 1), 8, [0, 255, 0]],
  ['as many', setOf(4, 0, 3), 4, [255, 0, 0, 255]],
  ['more, not evenly', setOf(5, 0, 1, 4), 2, [255, 85]],
  ['a full one', Bitfield.full(1003), 4, [255, 255, 255, 255]],
  ['an empty one', setOf(1003), 4, [0, 0, 0, 0]],
  ['one piece of many', setOf(200_000, 199_999), 4, [0, 0, 0, 1]],
  ['whole bytes', setOf(64, 0, 1, 2, 3), 2, [Math.floor((255 * 4) / 32), 0]],
])('%s', (_, set, cells, line) => {
  expect([...bitLine(set, cells)]).toEqual(line);
});

test('no more cells than asked for; each is 0 only where nothing is, and 255 only where all is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.array(fc.nat(2999)), fc.boolean(), (length, members, most) => {
      const set = most ? Bitfield.full(length) : new Bitfield(length);
      for (const member of members) {
        if (most) set.delete(member);
        else set.add(member);
      }
      const line = bitLine(set, 16);
      expect(line.length).toBe(Math.min(16, length > 128 ? Math.ceil(length / 8) : length));
      expect(line.every((fill) => fill === 0)).toBe(set.isEmpty);
      expect(line.every((fill) => fill === 255)).toBe(set.isFull);
    }),
  );
});
