import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DropService } from '../bridge/host/services.ts';
import { openDrops } from './dropped-files.ts';

let root: string;
let box: string;
let drops: DropService;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'ensemble-drops-')));
  box = path.join(root, 'box');
  await mkdir(box);
  drops = openDrops(path.join(root, 'state'), () => Promise.resolve(true));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('torrents and links alone are found, never through a link', async () => {
  await writeFile(path.join(root, 'secret.torrent'), 'x');
  await symlink(path.join(root, 'secret.torrent'), path.join(box, 'link.torrent'));
  await mkdir(path.join(box, 'folder.torrent'));
  for (const name of ['a.torrent', 'B.MAGNET', 'c.torrent.added', 'film.mp4'])
    await writeFile(path.join(box, name), 'abc');
  const found = await drops.list(box);
  expect(found.map(({ name }) => name).sort()).toEqual(['B.MAGNET', 'a.torrent']);
  expect(found[0]?.size).toBe(3);
  await expect(drops.read(box, 'a.torrent', 2)).rejects.toMatchObject({ code: 'disk' });
  await expect(drops.read(box, 'link.torrent', 10)).rejects.toMatchObject({ code: 'disk' });
  expect(new TextDecoder().decode(await drops.read(box, 'a.torrent', 3))).toBe('abc');
  await expect(drops.list(path.join(root, 'nothing'))).rejects.toMatchObject({ code: 'disk' });
});

test('what is set aside replaces nothing', async () => {
  for (const name of ['a.torrent', 'a.torrent.added']) await writeFile(path.join(box, name), name);
  await drops.setAside(box, 'a.torrent');
  expect((await readdir(box)).sort()).toEqual(['a.torrent.added', 'a.torrent.added (2)']);
});

test('what was dealt with is known in the next run; a damaged list is none', async () => {
  expect(await drops.remembered()).toEqual([]);
  await drops.remember(['/box/a.torrent\n3\n1.5']);
  const next = openDrops(path.join(root, 'state'), () => Promise.resolve(false));
  expect(await next.remembered()).toEqual(['/box/a.torrent\n3\n1.5']);
  await next.remember([]);
  expect(await drops.remembered()).toHaveLength(1);
  await writeFile(path.join(root, 'state', 'watched.json'), 'nonsense');
  expect(await next.remembered()).toEqual([]);
});
