import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { inAscii } from './plain-ascii.mjs';

test.each([
  ['a string', `'▏ ä 😀'`],
  ['a template', '`${1}↑${2}▁`'],
  ['a regular expression', `['x…', '😀'].map((text) => [/[…↓]/.test(text), /^[😀-😂]$/u.test(text)])`],
  ['a name', `({ größe: 1 })`],
])('%s means the same in ASCII', (_, code) => {
  const plain = inAscii(code);
  expect(plain).toMatch(/^[\0-\x7f]*$/);
  expect(runInThisContext(`(${plain})`)).toEqual(runInThisContext(`(${code})`));
});
