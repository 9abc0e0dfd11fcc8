import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InfoHash } from '../base/ids.ts';
import { allowedFastSet } from './fast-set.ts';
import { sha1OfShort } from './sha1-short.ts';

const HASH = 'a'.repeat(40) as InfoHash;

test.each([
  ['the example of BEP 6', '80.4.4.200', 1313, 7, [1059, 431, 808, 1217, 287, 376, 1188]],
  [
    'one that offers more offers the same first',
    '80.4.4.200',
    1313,
    9,
    [1059, 431, 808, 1217, 287, 376, 1188, 353, 508],
  ],
  ['the last byte of the address does not count', '80.4.4.7', 1313, 3, [1059, 431, 808]],
  ['fewer pieces than asked for', '80.4.4.200', 1, 10, [0]],
  ['IPv6', '2001:db8::1', 1313, 7, []],
  ['no address', 'example.org', 1313, 7, []],
  ['no pieces', '80.4.4.200', 0, 7, []],
])('fast set: %s', (_, ip, pieces, count, expected) => {
  expect(allowedFastSet(HASH, ip, pieces, count)).toEqual(expected);
});

test('the short SHA-1 is SHA-1', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 55 }), (data) => {
      expect(sha1OfShort(data)).toEqual(new Uint8Array(createHash('sha1').update(data).digest()));
    }),
  );
  expect(() => sha1OfShort(new Uint8Array(56))).toThrow(RangeError);
});
