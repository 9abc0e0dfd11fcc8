import { expect, test } from 'vitest';
import type { InfoHash } from '../core/base/ids.ts';
import { MemoryDisk } from '../core/sim/disk.ts';
import { findWorkFolders } from './found-folders.ts';

const HASH = 'a'.repeat(40) as InfoHash;
const OURS = '.t.aaaaaaaa.ensemble';

test.each<[string, readonly string[], readonly string[]]>([
  ['a folder of ours', ['manifest.json', 'pieces/0'], ['/dir pieces']],
  ['what an identity left alone', ['part-3', 'part-3.index'], ['/dir parts']],
  ['one that holds ours', ['notes', `${OURS}/manifest.json`, `${OURS}/files/t`], [`/dir/${OURS} in-place`]],
  [
    "one that holds ours beside the user's own of the same names",
    ['pieces/own', 'files/own', 'part-0.index', `${OURS}/manifest.json`, `${OURS}/pieces/0`],
    [`/dir/${OURS} pieces`],
  ],
  [
    'ours that holds one of an earlier version',
    ['manifest.json', 'pieces/0', `${OURS}/pieces/1`],
    ['/dir pieces', `/dir/${OURS} pieces`],
  ],
])('%s', async (_, there, expected) => {
  const disk = new MemoryDisk();
  for (const path of there) disk.put(`/dir/${path}`, new Uint8Array(1));
  const found = await findWorkFolders(disk, '/dir', HASH, '/out');
  expect(found.map(({ workFolder, layout }) => `${workFolder} ${layout}`)).toEqual(expected);
});

test.each([
  ['a folder of something else', ['notes']],
  ['no folder', []],
])('%s is refused', async (_, there) => {
  const disk = new MemoryDisk();
  for (const path of there) disk.put(`/dir/${path}`, new Uint8Array(1));
  await expect(findWorkFolders(disk, '/dir', HASH, '/out')).rejects.toMatchObject({ code: 'usage' });
});
