import { expect, test } from 'vitest';
import { alike } from './alike.ts';

test.each<[unknown, unknown]>([
  [1, 1],
  [NaN, NaN],
  [{}, {}],
  [[], []],
  [
    { a: 1, b: [1, { c: 'x' }] },
    { b: [1, { c: 'x' }], a: 1 },
  ],
])('%j and %j are alike', (a, b) => expect(alike(a, b)).toBe(true));

test.each<[unknown, unknown]>([
  [1, '1'],
  [0, -0],
  [null, {}],
  [null, undefined],
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: 1 }],
  [[], {}],
  [[1, 2], [1]],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: [1] }, { a: ['1'] }],
  [new Uint8Array(1), new Uint8Array(1)],
  [new Map([[1, 2]]), new Map()],
  [JSON.parse('{"__proto__":1}'), {}],
])('%j and %j are not', (a, b) => expect(alike(a, b)).toBe(false));

test('a field may be left out, which both have', () => {
  expect(alike({ to: 'a', k: 1 }, { to: 'b', k: 1 }, 'to')).toBe(true);
  expect(alike({ to: 'a', k: 1 }, { to: 'b', k: 2 }, 'to')).toBe(false);
  expect(alike({ to: 'a', k: 1 }, { at: 'b', k: 1 }, 'to')).toBe(false);
  expect(alike({ to: 'a', k: { to: 'a' } }, { to: 'a', k: { to: 'b' } }, 'to')).toBe(false);
});
