import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { expect, test } from 'vitest';
import { diskCode } from '../ports/disk.ts';
import { diskError } from '../ports/system-error.ts';
import { named } from './named-error.ts';

/** As Node makes it. */
function failure(number: number): Error {
  return Object.assign(new Error('write'), { errno: -number, code: getSystemErrorName(-number) });
}

test.each(['EDQUOT', 'ESTALE', 'ENOSPC', 'EIO'] as const)('%s is called by its name, and says what to do', (name) => {
  const error = diskError('write', '/f', named(failure(constants.errno[name])));
  expect(diskCode(error)).toBe(name);
  expect(error.message).not.toContain('Unknown');
  expect(error.message).not.toContain('check the disk and the path');
});

test.each([new Error('no number'), failure(9999), 'a text', undefined])('%s stays as it is', (error) => {
  expect(named(error)).toBe(error);
});
