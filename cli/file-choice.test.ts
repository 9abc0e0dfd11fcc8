import { expect, test } from 'vitest';
import { EnsembleError } from '../core/base/errors.ts';
import { choosePriorities } from './file-choice.ts';

const files = ['show/s1/e1.mkv', 'show/s1/e1.srt', 'show/s2/e1.MKV', 'show/read (me).txt'].map((p) => p.split('/'));

test.each([
  [['*.mkv'], [4, 0, 4, 0]],
  [
    ['*.srt', '*.txt'],
    [0, 4, 0, 4],
  ],
  [['s1/*'], [4, 4, 0, 0]],
  [['show/s1/*'], [4, 4, 0, 0]],
  [['**/e1.*'], [4, 4, 4, 0]],
  [['show/**'], [4, 4, 4, 4]],
  [['e?.srt'], [0, 4, 0, 0]],
  [['read (me).txt'], [0, 0, 0, 4]],
  [['read (me)*'], [0, 0, 0, 4]],
])('%j', (patterns, priorities) => {
  expect(choosePriorities(files, patterns)).toEqual(priorities);
});

test.each([['*.iso'], ['s1'], ['e1.mk'], ['read .me..txt'], ['s1*']])('%s fits nothing', (pattern) => {
  expect(() => choosePriorities(files, ['*.mkv', pattern])).toThrow(EnsembleError);
});
