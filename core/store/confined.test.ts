import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../sim/disk.ts';
import { whereTheyLie } from './confined.ts';

async function bench(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/home/data');
  disk.put('/home/file', new Uint8Array(1));
  disk.symlink('/home/data', '/home/link');
  disk.symlink('/home/none', '/home/dangling');
  disk.symlink('/home/file', '/home/to-file');
  return disk;
}

describe('where chosen folders lie', () => {
  it.each([
    ['/home/data', '/home/data'],
    ['/home/data/new/er', '/home/data/new/er'],
    ['/home/link', '/home/data'],
    ['/home/link/new', '/home/data/new'],
  ])('%s: %s', async (folder, real) => {
    expect(await whereTheyLie(await bench(), [folder])).toEqual([{ folder, real }]);
  });

  it.each(['/home/file', '/home/file/x', '/home/to-file', '/home/dangling', '/home/dangling/x'])(
    '%s can be no folder, and nothing is said of a move',
    async (folder) => {
      const disk = await bench();
      await expect(whereTheyLie(disk, [folder])).rejects.toMatchObject({ code: 'exists' });
      expect(disk.paths()).not.toContain('/home/none/');
    },
  );
});
