import { expect, test } from 'vitest';
import { ordinaryOptions } from '../../engine/download-options.ts';
import type { Disk, FileInfo } from '../../ports/disk.ts';
import { asLeft } from './as-left.ts';
import type { PrepareInput } from './prepare-input.ts';

const TIMES = { modified: 1000, changed: 2000 };
const NOW = 5000;
const WORK = '/out/.t.00000000.ensemble';
const STAGING = '/out/.00000000.assembling';

interface Scene {
  readonly input?: Partial<PrepareInput>;
  readonly there?: Readonly<Record<string, Partial<FileInfo> | undefined>>;
}

/** Two files and padding, as they were when they got their names. */
function look({ input = {}, there = {} }: Scene = {}) {
  const file: FileInfo = { kind: 'file', size: 10, allocated: 0, modified: 900, changed: 1900, id: '1:1' };
  const all: Record<string, Partial<FileInfo> | undefined> = { '/out/t/a': {}, '/out/t/b': TIMES, ...there };
  const asked: string[] = [];
  const info = (path: string): Promise<FileInfo | undefined> => {
    asked.push(path);
    const one = all[path];
    return Promise.resolve(one && { ...file, ...one });
  };
  const files = ['a', 'b', 'pad'].map((name) => ({ path: ['t', name], length: 10, padding: name === 'pad' }));
  const download = {
    info: { infoHash: '0'.repeat(40), files },
    options: ordinaryOptions('/out'),
    workFolder: WORK,
    placed: ['/out/t/a', '/out/t/b'],
    times: TIMES,
    everything: false,
    ...input,
  } as unknown as PrepareInput;
  return { found: asLeft({ info } as Partial<Disk> as Disk, download, NOW), asked };
}

test('one look at each name tells that nothing has changed', async () => {
  const { found, asked } = look();
  expect(await found).toEqual(TIMES);
  expect(asked.toSorted()).toEqual([STAGING, WORK, '/out/t/a', '/out/t/b'].toSorted());
  // What was written before may be the newest by now.
  expect(await look({ there: { '/out/t/b': { modified: 950, changed: 1950 } } }).found).toEqual({
    modified: 950,
    changed: 1950,
  });
});

test.each<[string, Scene]>([
  ['a file was written', { there: { '/out/t/a': { modified: 1001 } } }],
  ['a file was changed and has its old times', { there: { '/out/t/a': { changed: 2001 } } }],
  ['a file has another size', { there: { '/out/t/b': { size: 9 } } }],
  ['a file is gone', { there: { '/out/t/b': undefined } }],
  ['a link is in its place', { there: { '/out/t/b': { kind: 'link' } } }],
  ['a working folder is there', { there: { [WORK]: { kind: 'directory' } } }],
  ['an assembly was cut short', { there: { [STAGING]: { kind: 'directory' } } }],
  ['the clock was put back', { input: { times: { modified: NOW + 120_001, changed: 2000 } } }],
  ['the times are not known', { input: { times: undefined } }],
  ['nothing has its final name', { input: { placed: undefined } }],
  ['some of it has', { input: { placed: ['/out/t/a'] } }],
  ['everything is to be read', { input: { everything: true } }],
  ['files are chosen', { input: { options: ordinaryOptions('/out', { filePriorities: [4, 4, 4] }) } }],
  ['there is a common directory', { input: { options: ordinaryOptions('/out', { common: '/common' }) } }],
])('%s: that is found out step by step', async (_, scene) => {
  expect(await look(scene).found).toBeUndefined();
});
