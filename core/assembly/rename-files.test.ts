import { expect, test } from 'vitest';
import { MemoryDisk } from '../sim/disk.ts';
import { testLocation } from '../store/testing/torrent.ts';
import { FileRenaming } from './rename-files.ts';

test('a file of somebody else that has got the name of a folder that is gone stays, and hinders nothing', async () => {
  const disk = new MemoryDisk();
  const renaming = (): FileRenaming =>
    new FileRenaming(disk, testLocation('in-place'), [{ from: ['old', 'in', 'a'], to: ['new', 'in', 'a'] }]);
  disk.put('/out/old/in/a', new Uint8Array(3));
  const first = renaming();
  expect(await first.give()).toBe(1);
  await first.clear();
  disk.put('/out/old', new Uint8Array(17));
  // The program was killed before it noted that this is over.
  const again = renaming();
  expect(await again.give()).toBe(1);
  await again.clear();
  expect(disk.content('/out/old')).toHaveLength(17);
  expect(disk.paths().filter((path) => path.startsWith('/out/new/') && !path.endsWith('/'))).toEqual(['/out/new/in/a']);
});
