import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import type { BencodeInput, BencodeValue } from './bencode.ts';
import { decode, decodePrefix, encode, isDict } from './bencode.ts';
import { gate } from './gate.ts';
import { LenientFields } from './lenient.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (data: Uint8Array | undefined): string => String.fromCharCode(...(data ?? []));

function failure(data: Uint8Array, limits?: Parameters<typeof decode>[1]): string {
  try {
    decode(data, limits);
  } catch (error) {
    if (error instanceof EnsembleError && error.code === 'invalid-bencode') return error.message;
    throw error;
  }
  return 'no error';
}

describe('decode', () => {
  test('reads every kind', () => {
    const value = decode(bytes('d1:ai-3e1:bl0:3:abcee'));
    expect(value).toEqual({ a: -3, b: [new Uint8Array(0), bytes('abc')] });
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  test.each([
    ['', 'its end where a value'],
    ['i007e', 'leading zero'],
    ['i-0e', 'leading zero'],
    ['ie', 'without digits'],
    ['i-e', 'without digits'],
    ['i1.5e', 'without its end'],
    ['i+1e', 'without digits'],
    ['i9007199254740992e', 'beyond 2^53'],
    ['i99999999999999999999999e', 'beyond 2^53'],
    ['i5', 'without its end'],
    ['5:abcd', 'of 5 bytes, of which 4'],
    ['-1:a', '"-" where a value'],
    ['01:a', 'leading zero'],
    ['99999999999:a', 'impossible length'],
    ['3abc', 'without its colon'],
    ['l', 'its end where a value'],
    ['d1:a', 'its end where a value'],
    ['d1:ae', 'without its value'],
    ['di1e1:ae', 'where a key should be'],
    ['d1:ai1e1:ai2ee', 'comes twice'],
    ['d1:bi1e1:ai2e1:bi2ee', 'comes twice'],
    ['i1ei2e', '3 bytes behind its end'],
    ['e', '"e" where a value'],
    ['d9:__proto__dee', '__proto__'],
    ['d4:\xef\xbb\xbfai1e1:ai2ee', 'read the same'],
    ['\x80', 'byte 0x80 where'],
  ])('refuses %j', (input, why) => {
    expect(failure(bytes(input))).toContain(why);
  });

  test('names the byte', () => {
    expect(failure(bytes('d1:ai1e1:bi007ee'))).toContain('at byte 10');
  });

  test('keeps to its limits', () => {
    expect(failure(bytes('l'.repeat(33) + 'e'.repeat(33)))).toContain('more than 32 levels');
    expect(failure(bytes('l'.repeat(1_000_000)))).toContain('more than 32 levels');
    expect(failure(bytes('llee'), { maxDepth: 2 })).toBe('no error');
    expect(failure(bytes(`l${'i1e'.repeat(10)}e`), { maxItems: 10 })).toContain('more than 10 values');
    expect(failure(bytes('5:abcde'), { maxBytes: 6 })).toContain('at most 6');
  });

  test('keys out of order pass', () => {
    expect(decode(bytes('d1:bi1e1:ai2ee'))).toEqual({ b: 1, a: 2 });
  });

  test('keys that are no text stand as hex', () => {
    expect(decode(bytes('d2:\xff\x00i1ee'))).toEqual({ ff00: 1 });
  });

  test('names of Object are ordinary keys', () => {
    const value = decode(bytes('d11:constructori1ee'));
    expect(isDict(value) && value['toString']).toBeUndefined();
    expect(value).toEqual({ constructor: 1 });
  });
});

test('a value with payload behind it', () => {
  expect(decodePrefix(bytes('d1:ai1eePAYLOAD'))).toEqual({ value: { a: 1 }, length: 8 });
});

describe('read leniently', () => {
  const LIMITS = { maxDepth: 10 };
  const fields = (data: string, ...wanted: string[]) => new LenientFields(bytes(data), wanted, LIMITS);

  test('the raw bytes are of the outermost keys alone, as they came', () => {
    const found = fields('d4:infod1:zi1e1:ad4:infoi9eee4:morel1:xee', 'info', 'none', 'z');
    expect(text(found.raw('info'))).toBe('d1:zi1e1:ad4:infoi9eee');
    expect(found.value('info')).toEqual({ z: 1, a: { info: 9 } });
    expect([found.raw('more'), found.raw('none'), found.raw('z'), found.value('z')]).toEqual(Array(4).fill(undefined));
  });

  test.each<[string, BencodeValue]>([
    ['d1:ai1ee\n', 1],
    ['d1:ai1eegarbage', 1],
    ['d1:bi2e1:ai1ee', 1],
    ['d1:ai1e1:ai2ee', 1],
    ['d1:bi2e1:ai1e1:bi3ee', 1],
    ['d1:ad1:xi1e1:xi2eee', { x: 1 }],
    ['d1:ai007ee', 7],
    ['d1:ai-0ee', 0],
    ['d01:ai1ee', 1],
    ['d1:a03:abce', bytes('abc')],
    ['d1:ai18446744073709551615ee', 2 ** 64],
    ['d9:__proto__i1e1:ai1ee', 1],
    ['d1:bi99999999999999999999e1:ai1ee', 1],
  ])('%j', (data, expected) => {
    expect(fields(data, 'a').value('a')).toEqual(expected);
  });

  test.each([
    ['', 'its end where a value'],
    ['le', 'is no dictionary'],
    ['<html>', '"<" where a value'],
    ['d1:ae', 'without its value'],
    ['d1:a', 'its end where a value'],
    ['di1ei1ee', 'where a key should be'],
    ['d1:ai1.5ee', 'without its end'],
    ['d1:ai999999999999999999999ee', 'too many digits'],
    ['d1:a999999999999999999999:ee', 'impossible length'],
    ['d1:a5:abe', 'of which 3'],
    [`d1:a${'l'.repeat(20)}${'e'.repeat(21)}`, 'more than 10 levels'],
  ])('%j is refused', (data, why) => {
    expect(() => fields(data, 'a')).toThrow(why);
  });

  test('a flood of values counts as none', () => {
    const value = fields(`d1:al${'le'.repeat(200_000)}ee`, 'a').value('a');
    expect(value).toEqual([]);
  });
});

test('encode sorts, leaves out undefined, and refuses what is no integer', () => {
  expect(text(encode({ b: 'ä', a: [1, bytes('x')], none: undefined }))).toBe('d1:ali1e1:xe1:b2:\xc3\xa4e');
  expect(() => encode({ a: 1.5 })).toThrow('1.5 cannot be bencoded');
  expect(() => encode([2 ** 53])).toThrow('cannot be bencoded');
});

const { value: anyValue } = fc.letrec<{ value: BencodeInput }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.stringMatching(/^[ -~]{0,12}$/).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
}));

/** As the codec gives it back: without prototypes. */
function plain(value: BencodeValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return isDict(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;
}

describe('properties', () => {
  test('what is encoded decodes to the same, and is canonical', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const data = encode(value);
        const back = decode(data);
        expect(plain(back)).toEqual(plain(value as BencodeValue));
        expect(encode(back)).toEqual(data);
      }),
    );
  });

  test('whatever comes, it decodes or says why; what passes encodes to as many bytes', () => {
    const mutated = fc
      .tuple(
        anyValue,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...bytes('ilde0123456789:-a\xff'))), { maxLength: 4 }),
      )
      .map(([value, changes]) => {
        const data = encode(value);
        for (const [at, byte] of changes) if (data.length > 0) data[at % data.length] = byte;
        return data;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated), (data) => {
        const why = failure(data);
        if (why !== 'no error') return;
        // Keys that are no text stand as hex: longer.
        expect(encode(decode(data)).length).toBeGreaterThanOrEqual(data.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is strictly right is read the same leniently', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const data = encode({ a: value });
        expect(plain(new LenientFields(data, ['a'], {}).value('a') ?? [])).toEqual(plain(decode(encode(value))));
      }),
    );
  });

  test('the gate passes exactly the prefixes that are whole', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), (value, cut) => {
        const data = encode(value);
        expect(gate(data).end).toBe(data.length);
        expect(() => gate(data.subarray(0, cut % data.length))).toThrow('The bencoded data has');
      }),
    );
  });
});
