import { expect, test } from 'vitest';
import { identityIndex } from '../base/ids.ts';
import { unfetched } from './unfetched.ts';

const [first, second, third] = [identityIndex(0), identityIndex(1), identityIndex(2)];

test.each([
  ['nothing is missing', [], [], []],
  ['what is missing is one´s own', [0, 1], [], []],
  ['a sibling that lives is at it', [5], [second], [/^Still to come: 1 of the pieces 4 to 7 of identity 1 /]],
  ['it is not running', [5, 6], [third], [/^Missing: 2 of the pieces 4 to 7 of identity 1 .*--take-over\.$/]],
  ['two ranges', [4, 11], [third], [/^Missing: .* identity 1 /, /^Still to come: .* identity 2 /]],
] as const)('%s', (_, missing: readonly number[], alive, expected) => {
  const ranges = { own: first, count: 3, pieceCount: 12, alive: new Set(alive) };
  const lines = unfetched(ranges, (piece) => missing.includes(piece));
  expect(lines).toEqual(expected.map((line) => expect.stringMatching(line) as string));
});
