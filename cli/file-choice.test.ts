import { expect, test } from 'vitest';
import { EnsembleError } from '../core/base/errors.ts';
import { choosePriorities, type FileWish, parseRanges, prioritiesIn } from './file-choice.ts';

const all = ['show/s1/e1.mkv', 'show/s1/e1.srt', 'show/s2/e1.MKV', 'show/read (me).txt'].map((p, index) => ({
  index,
  path: p.split('/'),
}));
const choose = (wish: FileWish) => choosePriorities(all, all.length, wish);

test.each<[string[], number[]]>([
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
])('%j', (only, priorities) => {
  expect(choose({ only })).toEqual(priorities);
});

test.each<[FileWish, number[]]>([
  [{}, [4, 4, 4, 4]],
  [{ files: parseRanges('1,2-9') }, [0, 4, 4, 4]],
  [{ files: parseRanges('0'), only: ['*.txt'] }, [4, 0, 0, 4]],
  [{ exclude: ['*.mkv'] }, [0, 4, 0, 4]],
  [{ exclude: ['s1/*'], only: ['*.mkv'] }, [0, 0, 4, 0]],
  // Of several torrents not each need have what is left out.
  [{ exclude: ['*.nfo'] }, [4, 4, 4, 4]],
])('%j', (wish, priorities) => {
  expect(choose(wish)).toEqual(priorities);
});

test.each(['*.iso', 's1', 'e1.mk', 'read .me..txt', 's1*'])('%s fits nothing', (pattern) => {
  expect(() => choose({ only: ['*.mkv', pattern] })).toThrow(EnsembleError);
});

test.each<[FileWish]>([[{ files: parseRanges('4') }], [{ exclude: ['*'] }], [{ only: ['*.srt'], exclude: ['e1.*'] }]])(
  '%j leaves nothing, or names what is not there',
  (wish) => {
    expect(() => choose(wish)).toThrow(EnsembleError);
  },
);

test.each(['', 'a', '3-1', '-1', '1,,2', '99999999'])('%j are no numbers of files', (text) => {
  expect(() => parseRanges(text)).toThrow(/0,4-7/);
});

test('files keep their places beside padding', () => {
  const file = (name: string, padding: boolean) => ({ path: ['t', name], length: 1, offset: 0, padding });
  const info = { files: [file('a', false), file('b', true), file('c', false)] };
  expect(prioritiesIn(info, { only: ['c'] })).toEqual([0, 0, 4]);
  expect(prioritiesIn(info, {})).toBeUndefined();
});
