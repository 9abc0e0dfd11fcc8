import { expect, test } from 'vitest';
import { LAYOUT_KINDS } from '../../base/choices.ts';
import { NAMES, type StartOutcome, type StartScene, Start } from '../testing/start.ts';

const BIG_ALONE = [0, 4, 0];
const BIG_AND_TAIL = [0, 4, 4];

const all = { readme: 'right', big: 'right', tail: 'right' } as const;

const ROWS: readonly (readonly [string, StartScene, StartOutcome])[] = [
  // Nothing is at the target.
  ['nothing is there', {}, { have: [] }],
  ['an earlier run fetched some', { folder: [0, 2] }, { have: [0, 2] }],
  ['a run that was killed fetched some', { folder: [0, 2], killed: true }, { have: [0, 2], read: [0, 2] }],
  ['a run that was killed left one wrong', { folder: [0, 2], spoilt: [2], killed: true }, { have: [0], read: [0, 2] }],
  ['everything is to be read', { folder: [0, 2], everything: true }, { have: [0, 2], read: [0, 1, 2, 3] }],
  [
    'everything is to be read, and one is wrong',
    { folder: [0, 2], spoilt: [0], everything: true },
    { have: [2], read: [0, 1, 2, 3] },
  ],
  ['its folder is gone', { fetched: true }, { error: 'verification' }],
  ['its folder is gone, and the user resumed it', { fetched: true, fetchMissing: true }, { have: [] }],
  ['its files are gone', { placed: NAMES }, { error: 'verification' }],
  ['its files are gone, and the user resumed it', { placed: NAMES, fetchMissing: true }, { have: [] }],
  ['no file is wanted any more', { placed: [], files: [0, 0, 0] }, { finished: [], read: [] }],

  // Every wanted file is at the target, with its size.
  ['the files of somebody who seeds', { target: all }, { finished: NAMES, read: [0, 1, 2, 3] }],
  ['with reuse', { target: all, reuse: true }, { finished: NAMES, read: [0, 1, 2, 3] }],
  ['our own files', { target: all, placed: NAMES }, { finished: NAMES, read: [] }],
  [
    'our own files, all to be read',
    { target: all, placed: NAMES, everything: true },
    { finished: NAMES, read: [0, 1, 2, 3] },
  ],
  [
    'one of ours was written since',
    { target: { ...all, tail: 'edited' }, placed: NAMES },
    { finished: NAMES, read: [3] },
  ],
  [
    'an assembly was cut short before the folder was removed',
    { target: all, folder: [0, 1, 2, 3] },
    { finished: NAMES, read: [0, 1, 2, 3] },
  ],
  ['one is wrong', { target: { ...all, tail: 'wrong' } }, { error: 'exists', read: [0, 1, 2, 3] }],
  [
    'one is wrong, with reuse',
    { target: { ...all, tail: 'wrong' }, reuse: true },
    { have: [0, 1, 2], read: [0, 1, 2, 3] },
  ],
  ['one of ours is wrong', { target: { ...all, tail: 'wrong' }, placed: NAMES }, { error: 'exists', read: [3] }],
  [
    'one is wrong beside a folder',
    { target: { ...all, tail: 'wrong' }, folder: [0] },
    { have: [0], placed: [1, 2], read: [0, 1, 2, 3] },
  ],
  [
    'one is wrong beside a folder, with reuse',
    { target: { ...all, tail: 'wrong' }, folder: [0], reuse: true },
    { have: [0, 1, 2], read: [0, 1, 2, 3] },
  ],
  [
    'the wanted one alone: pieces at its ends cannot be read',
    { target: { big: 'right' }, files: BIG_ALONE },
    { have: [], placed: [1, 2], read: [0, 1, 2, 3] },
  ],
  [
    'the wanted one alone, and ours',
    { target: { big: 'right' }, files: BIG_ALONE, placed: ['big'] },
    { finished: ['big'], read: [] },
  ],
  [
    'the wanted one alone, and wrong',
    { target: { big: 'wrong' }, files: BIG_ALONE },
    { error: 'exists', read: [0, 1, 2, 3] },
  ],

  // Some of the wanted files are at the target, with their sizes.
  ['files of the user', { target: { readme: 'right', big: 'right' } }, { error: 'exists' }],
  [
    'files of the user, with reuse',
    { target: { readme: 'right', big: 'right' }, reuse: true },
    { have: [0, 1, 2], read: [0, 1, 2, 3] },
  ],
  [
    'ours, before more were chosen',
    { target: { readme: 'right', big: 'right' }, placed: ['readme', 'big'] },
    { have: [], placed: [0, 1, 2], read: [] },
  ],
  [
    'ours, all to be read',
    { target: { readme: 'right', big: 'right' }, placed: ['readme', 'big'], everything: true },
    { have: [], placed: [0, 1, 2], read: [0, 1, 2, 3] },
  ],
  [
    'ours and wrong now',
    { target: { readme: 'right', big: 'wrong' }, placed: ['readme', 'big'], everything: true },
    { error: 'exists', read: [0, 1, 2] },
  ],
  [
    'ours, and one that is not',
    { target: { big: 'right', tail: 'right' }, placed: ['big'] },
    { have: [], placed: [1, 2, 3], read: [3] },
  ],
  ['ours, and one that is gone', { target: { big: 'right' }, placed: ['readme', 'big'] }, { error: 'verification' }],
  [
    'ours, and one that is gone, resumed',
    { target: { big: 'right' }, placed: ['readme', 'big'], fetchMissing: true },
    { have: [], placed: [1, 2], read: [] },
  ],
  [
    'an assembly was cut short',
    { target: { readme: 'right', big: 'right' }, folder: [0, 3] },
    { have: [0, 3], placed: [1, 2], read: [1, 2] },
  ],
  [
    'an assembly was cut short, one file is wrong',
    { target: { readme: 'right', big: 'wrong' }, folder: [0, 3] },
    { have: [0, 3], placed: [2], read: [1, 2] },
  ],
  [
    'an assembly was cut short, with reuse',
    { target: { readme: 'right', big: 'right' }, folder: [0, 3], reuse: true },
    { have: [0, 3] },
  ],
  [
    'an assembly of more was cut short',
    { target: { readme: 'right', big: 'right' }, folder: [3], placed: ['readme'] },
    { have: [3], placed: [0, 1, 2], read: [0, 1, 2] },
  ],

  // Something else is at the target.
  ['a file of another length', { target: { ...all, big: 'long' } }, { error: 'exists' }],
  [
    'a file that is too long, with reuse',
    { target: { ...all, big: 'long' }, reuse: true },
    { finished: NAMES, read: [0, 1, 2, 3] },
  ],
  ['a link, with reuse', { target: { ...all, big: 'link' }, reuse: true }, { have: [], read: [0, 1, 2, 3] }],
  ['a file of another length beside a folder', { target: { ...all, big: 'long' }, folder: [1] }, { have: [1] }],
  [
    'a file of another length beside a folder, with reuse',
    { target: { ...all, big: 'long' }, folder: [1], reuse: true },
    { have: [1] },
  ],
  [
    'one of ours became longer beside a folder',
    { target: { readme: 'right', big: 'long' }, folder: [3], placed: ['readme', 'big'] },
    { error: 'exists' },
  ],
  ['one of ours became longer', { target: { ...all, big: 'long' }, placed: NAMES }, { error: 'exists' }],
  ['a folder where a file goes', { target: { big: 'folder' } }, { error: 'exists' }],
  ['a folder where a file goes, with reuse', { target: { big: 'folder' }, reuse: true }, { error: 'exists' }],
  ['a folder where a file goes, beside a folder', { target: { big: 'folder' }, folder: [0] }, { error: 'exists' }],

  // Not every file is wanted.
  ['a piece of a file that is not wanted', { folder: [0, 3], files: BIG_AND_TAIL }, { have: [0, 3] }],
  [
    'two wanted files',
    { target: { big: 'right', tail: 'right' }, files: BIG_AND_TAIL, placed: ['big', 'tail'] },
    { finished: ['big', 'tail'], read: [] },
  ],
];

test.each(ROWS)('%s', async (_, scene, outcome) => {
  for (const layout of LAYOUT_KINDS) {
    const start = new Start(scene, layout);
    expect(await start.run(), layout).toEqual(
      'finished' in outcome || 'error' in outcome ? { read: [], ...outcome } : { placed: [], read: [], ...outcome },
    );
  }
});
