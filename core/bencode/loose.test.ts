import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import type { BencodeValue } from './bencode.ts';
import { decode, encode, isDict } from './bencode.ts';
import { decodeLoosely } from './loose.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** Without prototypes and views. */
function plain(value: BencodeValue): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  return isDict(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;
}

describe('decodeLoosely', () => {
  test.each([
    ['bytes behind the end', 'd1:ai1ee\r\n6:peers60:', { a: 1 }],
    ['blanks before it', '\r\n  d1:ai1ee', { a: 1 }],
    ['a byte order mark before it', '\xef\xbb\xbfd1:ai1ee', { a: 1 }],
    ['leading zeros', 'd1:ai0001800ee', { a: 1800 }],
    ['leading zeros of a length', 'd01:a02:xye', { a: [120, 121] }],
    ['minus zero', 'd1:ai-0ee', { a: 0 }],
    ['a fraction', 'd1:ai-1.75ee', { a: -1 }],
    ['more than 2^53', 'd1:ai100000000000000000000ee', { a: 1e20 }],
    ['keys out of order', 'd1:bi1e1:ai2ee', { b: 1, a: 2 }],
    ['a key twice: the first', 'd1:ai1e1:bi2e1:ai3ee', { a: 1, b: 2 }],
    ['an odd key', 'd9:__proto__i1ee', JSON.parse('{"__proto__":1}')],
    ['keys that are no text', 'd2:\xff\x00i1ee', { 'ÿ\0': 1 }],
  ])('takes %s', (_, data, value) => {
    expect(plain(decodeLoosely(bytes(data)))).toEqual(value);
  });

  test.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['a part', 'd8:intervali1800e'],
    ['a string that is not all there', 'd1:a9:xe'],
    ['a length without end', '9'.repeat(500)],
    ['an integer without digits', 'd1:aiee'],
    ['an integer without end', 'd1:ai5'],
    ['a key that is no string', 'di1ei1ee'],
    ['a key without its value', 'd1:ae'],
    ['too deep', 'l'.repeat(1_000_000)],
  ])('refuses %s', (_, data) => {
    expect(() => decodeLoosely(bytes(data))).toThrow(EnsembleError);
  });

  test('is bounded', () => {
    const list = bytes(`l${'i1e'.repeat(10)}e`);
    expect(() => decodeLoosely(list, { maxItems: 10 })).toThrow('too many');
    expect(() => decodeLoosely(list, { maxBytes: 10 })).toThrow('more than 10 bytes');
    expect(() => decodeLoosely(bytes('llleee'), { maxDepth: 2 })).toThrow('levels');
  });

  test('agrees with the strict reader on all that is right', () => {
    const { value } = fc.letrec<{ value: Parameters<typeof encode>[0] }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.maxSafeInteger(),
        fc.uint8Array({ maxLength: 20 }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(fc.stringMatching(/^[a-z ]{0,12}$/), tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        const data = encode(any);
        expect(plain(decodeLoosely(data))).toEqual(plain(decode(data)));
      }),
    );
  });
});
