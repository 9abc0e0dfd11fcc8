import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeDisk } from '../node/disk.ts';
import { type VisibleFolders, openFolders } from './folders.ts';

const disk = new NodeDisk();
let base: string;
let root: string;
let folders: VisibleFolders;

beforeEach(async () => {
  base = (await disk.realPath(await mkdtemp(path.join(tmpdir(), 'folders-')))) ?? '';
  root = path.join(base, 'root');
  await mkdir(path.join(root, 'films', 'old'), { recursive: true });
  await mkdir(path.join(root, '.hidden'));
  await mkdir(path.join(base, 'rootless'));
  await writeFile(path.join(root, 'file'), '');
  await symlink(base, path.join(root, 'out'));
  await symlink(path.join(base, 'gone'), path.join(root, 'dangling'));
  await symlink(root, path.join(base, 'alias'));
  folders = await openFolders(disk, [root]);
});
afterEach(() => rm(base, { recursive: true }));

test.each(['', 'films', 'films/old', 'films/new', 'films/new/deeper', 'films/'])('permitted: %s', async (name) => {
  expect(await folders.permit(`${root}/${name}`)).toBe(path.resolve(root, name));
});

test.each([
  ['above', '..'],
  ['above, the long way', 'films/../..'],
  ['beside, with the root’s name in front', '../rootless'],
  ['elsewhere', '/etc'],
  ['through a link that leads out', 'out'],
  ['below a link that leads out', 'out/rootless'],
  ['something new below a link that leads out', 'out/new'],
  ['a link that leads nowhere', 'dangling'],
  ['something below a link that leads nowhere', 'dangling/x'],
  ['out by a link and dots', 'out/root/films'],
])('refused: %s', async (_, name) => {
  const folder = name.startsWith('/') ? name : `${root}/${name}`;
  await expect(folders.permit(folder)).rejects.toMatchObject({ code: 'usage' });
  expect(await folders.info(folder)).toMatchObject({
    usable: false,
    free: null,
    problem: expect.stringContaining('not below'),
  });
  await expect(folders.browse(folder)).rejects.toMatchObject({ code: 'usage' });
});

test('a root that is named through a link counts where it leads', async () => {
  const other = await openFolders(disk, [path.join(base, 'alias'), root]);
  expect(other.roots).toEqual([root]);
  await expect(other.permit(path.join(base, 'alias', 'films'))).rejects.toMatchObject({ code: 'usage' });
});

test.each(['gone', 'root/file'])('a root that is no folder is refused by name: %s', async (name) => {
  await expect(openFolders(disk, [path.join(base, name)])).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(name),
  });
});

describe('browsing', () => {
  test('shows folders alone, neither links nor hidden ones, and nothing above a root', async () => {
    expect(await folders.browse(null)).toMatchObject({
      folder: root,
      parent: null,
      folders: [{ name: 'films', path: path.join(root, 'films') }],
    });
    const films = await folders.browse(path.join(root, 'films'));
    expect(films).toMatchObject({ parent: root, folders: [{ name: 'old' }] });
    expect(films.free).toBeGreaterThan(0);
  });

  test('several roots are a list of their own', async () => {
    const both = await openFolders(disk, [root, path.join(base, 'rootless')]);
    expect((await both.browse(null)).folders.map((one) => one.path)).toEqual(both.roots);
  });

  test('what is missing or no folder is said', async () => {
    await expect(folders.browse(path.join(root, 'nothing'))).rejects.toMatchObject({ code: 'disk' });
    await expect(folders.browse(path.join(root, 'file'))).rejects.toMatchObject({ code: 'disk' });
  });
});

test('a folder to save in: free space also where it is yet to be made; a file in the way', async () => {
  expect(await folders.info(path.join(root, 'films/new'))).toMatchObject({ usable: true, problem: null });
  expect(await folders.info(path.join(root, 'file/below'))).toMatchObject({ usable: false });
  expect(await folders.info(path.join(root, 'file'))).toMatchObject({ usable: false });
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written to says so', async () => {
  await chmod(path.join(root, 'films'), 0o500);
  expect(await folders.info(path.join(root, 'films'))).toMatchObject({ usable: false });
});

test('without roots all folders are open', async () => {
  const all = await openFolders(disk, []);
  expect(all.roots).toEqual([]);
  expect(await all.permit('/')).toBe('/');
  expect(await all.browse(base)).toMatchObject({ parent: path.dirname(base) });
});

test('a file that is kept goes beside what is there, under a safe name, and nowhere else', async () => {
  const data = new Uint8Array([1, 2]);
  const kept = [];
  for (let i = 0; i < 2; i++) kept.push(await folders.keep(root, '../a/b.torrent', data));
  expect(kept).toEqual(['.._a_b.torrent', '.._a_b (2).torrent'].map((name) => path.join(root, name)));
  await expect(folders.keep(base, 'a', data)).rejects.toMatchObject({ code: 'usage' });
});
