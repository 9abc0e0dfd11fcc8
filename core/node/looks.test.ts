import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Disk } from '../ports/disk.ts';
import { diskCode } from '../ports/disk.ts';
import { NodeDisk } from './disk.ts';
import { Looks } from './looks.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Looks of which a thread that runs already does each one that it can. */
async function running(): Promise<Looks> {
  const looks = new Looks({ few: 1, many: 1 });
  for (let usual = true; usual;) {
    usual = false;
    await looks.facts({ name: '/' }, () => {
      usual = true;
      return new Promise((resolve) => setImmediate(resolve, undefined));
    });
  }
  return looks;
}

/** A folder `root` with files, folders and links in it, and a folder outside of it. */
async function tree(): Promise<string> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'ensemble-looks-')));
  folders.push(base);
  await mkdir(`${base}/root/d/e`, { recursive: true });
  await mkdir(`${base}/victim/e`, { recursive: true });
  await writeFile(`${base}/victim/e/f`, 'precious');
  await writeFile(`${base}/root/d/f`, 'ours');
  await writeFile(`${base}/root/ü\u0308 %25`, 'its name is no ASCII');
  await writeFile(`${base}/victim/f`, 'precious');
  await symlink('../victim', `${base}/root/out`);
  await symlink('nowhere', `${base}/root/d/dead`);
  await symlink(`${base}/root`, `${base}/alias`);
  return base;
}

/** What a look tells, or with which of the system's codes it is refused. */
async function outcome(look: Promise<unknown>): Promise<unknown> {
  return look.catch((error: unknown) => ({ refused: diskCode(error) }));
}

const NAMES = ['', '/d', '/d/f', '/d/e', '/d/dead', '/ü\u0308 %25', '/none', '/none/f', '/d/f/below', '/out', '/out/f'];

describe.runIf(process.platform === 'linux')('looks at many paths at once', () => {
  test.each([
    ['anywhere', (disk: Disk) => disk, 'root'],
    ['below a folder', (disk: Disk, base: string) => disk.within(`${base}/root`, `${base}/root`), 'root'],
    ['below a link', (disk: Disk, base: string) => disk.within(`${base}/alias`, `${base}/root`), 'alias'],
    ['below a folder that was not looked for', (disk: Disk, base: string) => disk.within(`${base}/root`), 'root'],
  ])('tell the same as one by one: %s', async (_, view, root) => {
    const base = await tree();
    const together = view(new NodeDisk({ looks: await running() }), base);
    const alone = view(new NodeDisk(), base);
    const paths = [...NAMES, '/../victim/f', '/d/\0'].map((name) => `${base}/${root}${name}`);
    const ask = (disk: Disk): Promise<unknown[]> =>
      Promise.all(paths.flatMap((path) => [outcome(disk.info(path)), outcome(disk.realPath(path))]));
    const told = await ask(together);
    expect(told).toEqual(await ask(alone));
    expect(told[4]).toMatchObject({ kind: 'file', size: 4 });
  });

  test('go through no link that came where a folder was', async () => {
    const base = await tree();
    const disk = new NodeDisk({ looks: await running() }).within(`${base}/root`, `${base}/root`);
    expect((await disk.info(`${base}/root/d/f`))?.kind).toBe('file');
    await rename(`${base}/root/d`, `${base}/root/was`);
    await symlink('../victim', `${base}/root/d`);
    expect(await outcome(disk.info(`${base}/root/d/f`))).toEqual({ refused: 'ELOOP' });
    expect(await outcome(disk.info(`${base}/root/d/e/f`))).toEqual({ refused: 'ELOOP' });
    await rename(`${base}/root`, `${base}/moved`);
    await symlink('victim', `${base}/root`);
    expect(await outcome(disk.info(`${base}/root/f`))).toEqual({ refused: 'ENOENT' });
  });

  test('what is asked for while the thread is at work is answered after that', async () => {
    const base = await tree();
    const disk = new NodeDisk({ looks: await running() });
    const told: Promise<unknown>[] = [];
    for (let turn = 0; turn < 5; turn++) {
      told.push(...NAMES.map(async (name) => (await disk.info(`${base}/root${name}`))?.kind));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const kinds = await Promise.all(told);
    expect(kinds.slice(-NAMES.length)).toEqual(kinds.slice(0, NAMES.length));
    expect(kinds.slice(0, 5)).toEqual(['directory', 'directory', 'file', 'directory', 'link']);
  });

  test('while a thread starts, and with too few for one, paths are looked at one by one', async () => {
    const base = await tree();
    for (const looks of [new Looks(), new Looks({ few: 1, many: 1 })]) {
      const disk = new NodeDisk({ looks });
      const kinds = await Promise.all(NAMES.map(async (name) => (await disk.info(`${base}/root${name}`))?.kind));
      expect(kinds.slice(0, 5)).toEqual(['directory', 'directory', 'file', 'directory', 'link']);
    }
  });
});
