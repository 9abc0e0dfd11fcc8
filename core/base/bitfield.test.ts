import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from './bitfield.ts';

test('wire form has piece 0 in the high bit of byte 0', () => {
  const b = new Bitfield(10);
  for (const index of [0, 7, 9]) expect(b.add(index)).toBe(true);
  expect([...b.bytes]).toEqual([0b10000001, 0b01000000]);
});

test.each<[string, number, number[], boolean]>([
  ['right', 10, [0xff, 0xc0], true],
  ['a spare bit set', 10, [0xff, 0xe0], false],
  ['the last spare bit set', 10, [0, 1], false],
  ['too short', 10, [0xff], false],
  ['too long', 10, [0xff, 0xc0, 0], false],
  ['no spare bits', 16, [0xff, 0xff], true],
  ['no pieces', 0, [], true],
])('from the wire: %s', (_, length, data, fine) => {
  expect(Bitfield.fromWire(length, Uint8Array.from(data)) !== undefined).toBe(fine);
});

test('from the wire is a copy', () => {
  const data = Uint8Array.of(0x80);
  const b = Bitfield.fromWire(8, data);
  data[0] = 0;
  expect(b?.has(0)).toBe(true);
});

test('what is no index is never in it', () => {
  const b = Bitfield.full(10);
  for (const index of [-1, 10, 15, 16, 1000]) {
    expect(b.has(index), `${index}`).toBe(false);
    expect(b.add(index)).toBe(false);
    expect(b.delete(index)).toBe(false);
  }
  expect(b.count).toBe(10);
});

test('full, empty, cleared', () => {
  for (const length of [1, 7, 8, 9, 100]) {
    const b = Bitfield.full(length);
    expect([b.count, b.isFull, b.isEmpty]).toEqual([length, true, false]);
    expect(Bitfield.fromWire(length, b.bytes)?.isFull).toBe(true);
    b.clear();
    expect([b.count, b.isFull, b.isEmpty]).toEqual([0, false, true]);
  }
});

test('is a set of indexes', () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: -2, max: 45 }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 80 }), (length, steps) => {
      const b = new Bitfield(length);
      const model = new Set<number>();
      for (const [add, index] of steps) {
        const valid = index >= 0 && index < length;
        expect(add ? b.add(index) : b.delete(index)).toBe(valid && model.has(index) !== add);
        if (valid && add) model.add(index);
        if (valid && !add) model.delete(index);
      }
      const sorted = [...model].toSorted((x, y) => x - y);
      expect([...b.indexes()]).toEqual(sorted);
      expect([b.count, b.isFull, b.isEmpty]).toEqual([model.size, model.size === length, model.size === 0]);
      const copy = b.clone();
      copy.add(0);
      expect([...b.indexes()]).toEqual(sorted);
      const back = Bitfield.fromWire(length, b.bytes);
      expect(back && [...back.indexes()]).toEqual(sorted);
      expect(back?.count).toBe(model.size);
    }),
  );
});

test('what two have in common', () => {
  const odd = new Bitfield(20);
  const third = new Bitfield(20);
  for (let i = 0; i < 20; i++) {
    if (i % 2 === 1) odd.add(i);
    if (i % 3 === 0) third.add(i);
  }
  odd.retain(third);
  expect([...odd.indexes()]).toEqual([3, 9, 15]);
  expect(odd.count).toBe(3);
});
