import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPath, readPath } from './url-path.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

test.each([
  ['/a/b', ['a', 'b']],
  ['/a%20b/%C3%BC', ['a b', 'Ã¼']],
  // As clients write it: not all encode the same.
  ['/~(t)!/%7E%28t%29%21', ['~(t)!', '~(t)!']],
  ['/f%fcrth', ['fürth']],
  ['/a+b', ['a+b']],
  ['/%252e', ['%2e']],
])('%s', (path, names) => {
  expect(readPath(path)).toEqual(names.map(bytes));
});

test.each([
  '',
  'a',
  '/',
  '//a',
  '/a/',
  '/a/../b',
  '/%2e%2E/b',
  '/a/./b',
  '/a%2fb',
  '/a%00',
  '/a%',
  '/a%2',
  '/a%zz',
  '/\u0100',
  `/${'a'.repeat(20_000)}`,
])('no path: %s', (path) => {
  expect(readPath(path)).toBeUndefined();
});

test('every name finds its way there and back', () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .filter((one) => !one.includes(0) && !one.includes(0x2f) && !['.', '..'].includes(String.fromCharCode(...one)));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      expect(readPath(`/${formatPath(names)}`)).toEqual(names.map((one) => Uint8Array.from(one)));
    }),
  );
});
