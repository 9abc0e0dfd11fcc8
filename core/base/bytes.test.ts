import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, fromHex, readU16, readU32, sameBytes, toHex, writeU16, writeU32 } from './bytes.ts';

test('hex both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (data) => {
      expect(toHex(data)).toBe(Buffer.from(data).toString('hex'));
      expect(fromHex(toHex(data))).toEqual(data);
      expect(fromHex(toHex(data).toUpperCase())).toEqual(data);
    }),
  );
});

test.each(['a', '0g', 'zz', ' 00', '0x00', '1_'])('%j is no hex', (text) => {
  expect(fromHex(text)).toBeUndefined();
});

test('integers are unsigned and big-endian', () => {
  const data = new Uint8Array(6);
  writeU32(data, 1, 0xfedcba98);
  expect([...data]).toEqual([0, 0xfe, 0xdc, 0xba, 0x98, 0]);
  expect(readU32(data, 1)).toBe(0xfedcba98);
  writeU16(data, 4, 0xffee);
  expect([...data.subarray(4)]).toEqual([0xff, 0xee]);
  expect(readU16(data, 4)).toBe(0xffee);
});

test('integers read back as written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(4), (value, offset) => {
      const data = new Uint8Array(8);
      writeU32(data, offset, value);
      expect(readU32(data, offset)).toBe(value);
      writeU16(data, offset, value & 0xffff);
      expect(readU16(data, offset)).toBe(value & 0xffff);
    }),
  );
});

test('comparison and concatenation', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 5 }),
      (parts, other) => {
        const joined = concatBytes(...parts);
        expect([...joined]).toEqual(parts.flatMap((part) => [...part]));
        expect(sameBytes(joined, other)).toBe(toHex(joined) === toHex(other));
        expect(sameBytes(joined, joined.slice())).toBe(true);
      },
    ),
  );
});
