import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { Rc4, RC4_MODULE } from './rc4.ts';
import { assemble } from './testing/assemble.ts';

/** RC4 as it is told in textbooks. */
function plainly(key: Uint8Array, data: Uint8Array): Uint8Array {
  const s = Array.from({ length: 256 }, (_, i) => i);
  const swap = (a: number, b: number): void => void ([s[a], s[b]] = [s[b]!, s[a]!]);
  for (let i = 0, j = 0; i < 256; i++) swap(i, (j = (j + s[i]! + key[i % key.length]!) & 255));
  let j = 0;
  return data.map((byte, n) => {
    const i = (n + 1) & 255;
    swap(i, (j = (j + s[i]!) & 255));
    return byte ^ s[(s[i]! + s[j]!) & 255]!;
  });
}

test('the module is what its text says', () => {
  const text = readFileSync(new URL('rc4.wat', import.meta.url), 'utf8');
  expect(toHex(assemble(text))).toBe(RC4_MODULE);
});

describe('the stream', () => {
  test.each([
    ['0102030405', 0, 'b2396305f03dc027ccc3524a0a1118a8'],
    ['0102030405', 1024, '30abbcc7c20b01609f23ee2d5f6bb7df'],
    ['0102030405060708090a0b0c0d0e0f10', 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
  ])('of the key %s from byte %i is that of RFC 6229', (key, from, stream) => {
    const data = new Uint8Array(from + 16);
    new Rc4(fromHex(key)!).apply(data);
    expect(toHex(data.subarray(from))).toBe(stream);
    expect(toHex(data)).toBe(toHex(plainly(fromHex(key)!, new Uint8Array(from + 16))));
  });

  test('is the same however it is cut, and each cipher has its own', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.array(bytes, { maxLength: 6 }), (key, parts) => {
        const cipher = new Rc4(key);
        const other = new Rc4(Uint8Array.of(1));
        const out = parts.map((part) => {
          const copy = part.slice();
          cipher.apply(copy);
          other.apply(new Uint8Array(3));
          return toHex(copy);
        });
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(out.join('')).toBe(toHex(plainly(key, whole)));
      }),
      { numRuns: 200 },
    );
  });

  test('goes on through more than fits the module at once, and touches nothing around', () => {
    const memory = new Uint8Array(1_000_000);
    const key = Uint8Array.of(7, 8);
    new Rc4(key).apply(memory.subarray(10, 999_990));
    const expected = plainly(key, new Uint8Array(999_980));
    expect(Buffer.compare(memory.subarray(10, 999_990), expected)).toBe(0);
    expect([...memory.subarray(0, 10), ...memory.subarray(999_990)].every((byte) => byte === 0)).toBe(true);
  });
});
