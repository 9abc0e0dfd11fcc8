import { constants, fstatSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HeldFolders } from './held-folders.ts';
import { canPin } from './pinned-places.ts';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder with folders in it, and how often one is opened by name. */
async function world() {
  const base = await mkdtemp(join(tmpdir(), 'ensemble-held-'));
  folders.push(base);
  await mkdir(join(base, 'a'));
  const held = new HeldFolders();
  const opened: number[] = [];
  const use = <T>(name: string, task: (descriptor: number) => T | Promise<T>): Promise<T> => {
    const open = async (): Promise<number> => {
      await Promise.resolve();
      const descriptor = openSync(join(base, name), constants.O_RDONLY | constants.O_DIRECTORY);
      opened.push(descriptor);
      return descriptor;
    };
    return held.use(join(base, name), open, task);
  };
  const inode = (name: string): Promise<number> => use(name, (descriptor) => fstatSync(descriptor).ino);
  return { base, held, opened, use, inode };
}

describe.runIf(canPin())('held folders', () => {
  test('a folder is opened once for calls that follow each other, or overlap', async () => {
    const { opened, inode } = await world();
    await Promise.all([inode('a'), inode('a')]);
    for (let i = 0; i < 10; i++) await inode('a');
    expect(opened).toHaveLength(1);
  });

  test('one that was moved away is not used under its old name', async () => {
    const { base, opened, inode } = await world();
    const before = await inode('a');
    await rename(join(base, 'a'), join(base, 'b'));
    await expect(inode('a')).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(join(base, 'a'));
    expect(await inode('a')).not.toBe(before);
    expect(await inode('b')).toBe(before);
    expect(opened).toHaveLength(3);
  });

  test('one that was removed and made again is another', async () => {
    const { base, opened, inode, use } = await world();
    await use('a', async () => {
      await inode('a');
      await rm(join(base, 'a'), { recursive: true });
      await mkdir(join(base, 'a'));
      await inode('a');
    });
    expect(opened).toHaveLength(2);
  });

  test('whoever is at work keeps the folder, whatever others find', async () => {
    const { base, use, inode } = await world();
    await use('a', async (descriptor) => {
      const mine = fstatSync(descriptor).ino;
      await rename(join(base, 'a'), join(base, 'b'));
      await expect(inode('a')).rejects.toThrow('ENOENT');
      expect(fstatSync(descriptor).ino).toBe(mine);
    });
  });

  test('few are held unused, and none once descriptors are scarce', async () => {
    const { base, held, opened, inode } = await world();
    for (let i = 0; i < 200; i++) {
      await mkdir(join(base, String(i)));
      await inode(String(i));
    }
    const isOpen = (descriptor: number): boolean => {
      try {
        return fstatSync(descriptor).isDirectory();
      } catch {
        return false;
      }
    };
    expect(new Set(opened).size).toBeLessThanOrEqual(66);
    held.closeUnused();
    expect(opened.filter(isOpen)).toEqual([]);
  });
});
