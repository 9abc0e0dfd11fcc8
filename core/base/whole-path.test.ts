import { expect, test } from 'vitest';
import { isWholePath } from './whole-path.ts';

test.for<[string, boolean]>([
  ['/', true],
  ['/home/me', true],
  ['C:\\films', true],
  ['d:/films', true],
  ['\\\\server\\films', true],
  ['', false],
  [' /home/me', false],
  ['films', false],
  ['./films', false],
  ['~/films', false],
  ['C:films', false],
  ['\\films', false],
])('%j is a whole path: %j', ([path, whole]) => {
  expect(isWholePath(path)).toBe(whole);
});
