import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdStateFolder } from './state-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'ensemble-state-')), 'state');
  await mkdir(folder);
  await chmod(folder, 0o755);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const mode = async (): Promise<number> => (await stat(folder)).mode & 0o777;
const long = new Date('2020-01-01');

async function put(name: string, content: string): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), content);
  await utimes(join(folder, name), long, long);
}

test.each([['lock'], ['notes.txt'], ['lock.2026-01-01'], ['torrents/x', 'lock'], ['window/x', 'thesis.doc']])(
  "a folder with the user's %s is refused, and stays as it is",
  async (...names) => {
    for (const name of names) await put(name, 'mine');
    const before = (await readdir(folder, { recursive: true })).toSorted();
    await expect(holdStateFolder(folder)).rejects.toMatchObject({ code: 'exists' });
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(before);
    for (const name of names) expect(await readFile(join(folder, name), 'utf8')).toBe('mine');
    if (process.platform !== 'win32') expect(await mode()).toBe(0o755);
  },
);

test.each([
  [],
  ['torrents/a.torrent'],
  ['window/Preferences', 'logs/main.log'],
  ['catalog.json', 'whatever'],
  ['settings.json'],
])('a folder with %s is ours', async (...names) => {
  for (const name of names) await put(name, '{}');
  const lock = await holdStateFolder(folder);
  await expect(holdStateFolder(folder)).rejects.toMatchObject({ code: 'in-use' });
  await lock.release();
  expect(await readdir(folder)).not.toContain('lock');
});

test('what a program that died in its first moment left is ours', async () => {
  const lock = await holdStateFolder(folder);
  const left = await readFile(join(folder, 'lock'));
  await lock.release();
  await writeFile(join(folder, 'lock'), left);
  await (await holdStateFolder(folder)).release();
  if (process.platform !== 'win32') expect(await mode()).toBe(0o700);
});
