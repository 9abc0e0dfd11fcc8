import { expect, test } from 'vitest';
import { EnsembleError } from '../../base/errors.ts';
import { checkCommand } from './validate.ts';

const HASH = '0123456789abcdef'.repeat(2) + '01234567';

test.each([
  ['pause', { key: HASH }],
  ['pause', { infoHash: HASH }],
])('%s %j', (name, args) => {
  expect(checkCommand(name, args)).toEqual({ name: 'pause', args: { key: HASH } });
});

test.each([
  ['pause', { infoHash: 'x' }],
  ['pause', { key: HASH, infoHash: HASH }],
  ['pause', {}],
  ['pause', null],
  ['toString', { key: HASH }],
])('refused: %s %j', (name, args) => {
  expect(() => checkCommand(name, args)).toThrow(EnsembleError);
});
