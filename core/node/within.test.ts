import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { inLanes } from '../base/lanes.ts';
import type { Disk } from '../ports/disk.ts';
import { diskCode } from '../ports/disk.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { NodeDisk } from './disk.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** `base/root/d/f` is there, and `base/victim`, which is not in the root. */
interface World {
  readonly base: string;
  readonly disk: Disk;
  put(path: string, value: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  content(path: string): Promise<string | undefined>;
}

async function filled(world: World): Promise<World> {
  await world.put(`${world.base}/root/d/f`, 'ours');
  await world.put(`${world.base}/victim/f`, 'precious');
  await world.put(`${world.base}/victim/only`, 'precious');
  return world;
}

function simulated(): Promise<World> {
  const disk = new MemoryDisk();
  return filled({
    base: '/base',
    disk,
    put: (path, value) => Promise.resolve(disk.put(path, text(value))),
    symlink: (target, path) => Promise.resolve(disk.symlink(target, path)),
    move: (from, to) => disk.rename(from, to),
    content: (path) => {
      const found = disk.content(path);
      return Promise.resolve(found && new TextDecoder().decode(found));
    },
  });
}

async function real(pinning: boolean, readsOnLoop = false): Promise<World> {
  const base = await mkdtemp(join(tmpdir(), 'ensemble-within-'));
  folders.push(base);
  return filled({
    base,
    disk: new NodeDisk({ pinning, readsOnLoop }),
    put: async (path, value) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, value);
    },
    symlink: (target, path) => symlink(target, path),
    move: (from, to) => rename(from, to),
    content: (path) => readFile(path, 'utf8').catch(() => undefined),
  });
}

/** Everything that can be asked for below a folder `d` of a root. */
const CALLS: readonly (readonly [string, (disk: Disk, d: string) => Promise<unknown>])[] = [
  ['open to write', (disk, d) => disk.open(`${d}/f`, 'write')],
  ['open to append', (disk, d) => disk.open(`${d}/f`, 'append')],
  ['create', (disk, d) => disk.open(`${d}/new`, 'create')],
  ['open to read', (disk, d) => disk.open(`${d}/f`, 'read')],
  ['info', (disk, d) => disk.info(`${d}/f`)],
  ['list', (disk, d) => disk.list(d)],
  ['makeDirectory', (disk, d) => disk.makeDirectory(`${d}/deep/er`)],
  ['makeDirectory of itself', (disk, d) => disk.makeDirectory(d)],
  ['rename out of it', (disk, d) => disk.rename(`${d}/f`, `${dirname(d)}/g`)],
  ['rename into it', (disk, d) => disk.rename(`${dirname(d)}/own`, `${d}/f`)],
  ['link into it', (disk, d) => disk.link(`${dirname(d)}/own`, `${d}/new`)],
  ['link out of it', (disk, d) => disk.link(`${d}/f`, `${dirname(d)}/g`)],
  ['remove', (disk, d) => disk.remove(`${d}/f`)],
  ['removeDirectory', (disk, d) => disk.removeDirectory(`${d}/empty`)],
  ['syncDirectory', (disk, d) => disk.syncDirectory(d)],
  ['readFile', (disk, d) => disk.readFile(`${d}/f`, 100)],
  ['replaceFile', (disk, d) => disk.replaceFile(`${d}/f`, text('bad'))],
  ['freeSpace', (disk, d) => disk.freeSpace(d)],
];

describe.each([
  ['simulated', simulated],
  ['held by descriptors', () => real(true)],
  ['held by descriptors on the loop', () => real(true, true)],
  ['compared by name', () => real(false)],
])('a confined disk, %s', (_, make) => {
  test.each(CALLS)('%s goes through no link, at the second call either', async (_name, call) => {
    const world = await make();
    const { base } = world;
    const disk = world.disk.within(`${base}/root`);
    await world.put(`${base}/root/own`, 'ours');
    // It was all right when it was used first.
    expect((await disk.info(`${base}/root/d/f`))?.kind).toBe('file');
    await world.move(`${base}/root/d`, `${base}/root/was`);
    await world.put(`${base}/victim/empty/x`, 'precious');
    await world.symlink(`${base}/victim`, `${base}/root/d`);
    const error: unknown = await call(disk, `${base}/root/d`).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'disk', message: expect.stringContaining(`${base}/root/d"`) });
    expect(diskCode(error)).toBe('ELOOP');
    for (const name of ['f', 'only', 'empty/x']) expect(await world.content(`${base}/victim/${name}`)).toBe('precious');
    expect([...(await world.disk.list(`${base}/victim`))].toSorted()).toEqual(['empty', 'f', 'only']);
    expect(await world.content(`${base}/root/own`)).toBe('ours');
  });

  test('what comes deeper than the link is refused as well', async () => {
    const world = await make();
    const { base } = world;
    const disk = world.disk.within(`${base}/root`);
    await world.put(`${base}/victim/deep/f`, 'precious');
    await world.symlink('../victim', `${base}/root/l`);
    await expect(disk.remove(`${base}/root/l/deep/f`)).rejects.toMatchObject({ code: 'disk' });
    await expect(disk.open(`${base}/root/l/deep/f`, 'write')).rejects.toMatchObject({ code: 'disk' });
    await expect(disk.makeDirectory(`${base}/root/l/new/er`)).rejects.toMatchObject({ code: 'disk' });
    expect(await world.content(`${base}/victim/deep/f`)).toBe('precious');
    expect(await world.disk.list(`${base}/victim`)).not.toContain('new');
  });

  test('the root may be a link, but not become another', async () => {
    const world = await make();
    const { base } = world;
    await world.symlink(`${base}/root`, `${base}/alias`);
    const disk = world.disk.within(`${base}/alias`);
    await disk.replaceFile(`${base}/alias/d/g`, text('ours'));
    expect(await world.content(`${base}/root/d/g`)).toBe('ours');
    await world.move(`${base}/root`, `${base}/was`);
    await world.symlink(`${base}/victim`, `${base}/root`);
    await world.put(`${base}/victim/d/f`, 'precious');
    for (const call of [
      () => disk.remove(`${base}/alias/d/f`),
      () => disk.remove(`${base}/alias/f`),
      () => disk.makeDirectory(`${base}/alias/e`),
      () => disk.open(`${base}/alias/d/f`, 'write'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'disk' });
    }
    expect(await world.content(`${base}/victim/d/f`)).toBe('precious');
    expect(await world.content(`${base}/victim/f`)).toBe('precious');
  });

  test('a root that is removed is made again', async () => {
    const world = await make();
    const { base } = world;
    const disk = world.disk.within(`${base}/root`);
    expect(await disk.list(`${base}/root`)).toEqual(['d']);
    await world.move(`${base}/root`, `${base}/was`);
    expect(await disk.list(`${base}/root`)).toEqual([]);
    expect(await disk.info(`${base}/root/d/f`)).toBeUndefined();
    await disk.makeDirectory(`${base}/root/d`);
    await disk.replaceFile(`${base}/root/d/g`, text('new'));
    expect(await world.content(`${base}/root/d/g`)).toBe('new');
  });

  test('a root is not made where a link leads that came above it', async () => {
    const world = await make();
    const { base } = world;
    const real = await world.disk.realPath(base);
    await world.put(`${base}/above/root/f`, 'ours');
    const disk = world.disk.within(`${base}/above/root`, `${real}/above/root`);
    expect(await disk.list(`${base}/above/root`)).toEqual(['f']);
    await world.move(`${base}/above`, `${base}/was`);
    await world.symlink(`${base}/victim`, `${base}/above`);
    for (const path of [`${base}/above/root`, `${base}/above/root/d/e`]) {
      await expect(disk.makeDirectory(path)).rejects.toMatchObject({ code: 'disk' });
    }
    expect([...(await world.disk.list(`${base}/victim`))].toSorted()).toEqual(['f', 'only']);
  });

  test('nothing outside of the roots is touched, and the innermost counts', async () => {
    const world = await make();
    const { base } = world;
    await world.symlink(`${base}/victim`, `${base}/root/in`);
    const outer = world.disk.within(`${base}/root`);
    const disk = outer.within(`${base}/root/in`).within(`${base}/none`);
    await expect(outer.list(`${base}/root/in`)).rejects.toMatchObject({ code: 'disk' });
    // Chosen by its own name it may be a link.
    expect(await disk.list(`${base}/root/in`)).toContain('only');
    for (const path of [`${base}/victim/f`, `${base}/root/../victim/f`, `${base}/rootless`, '/']) {
      await expect((async () => disk.remove(path))()).rejects.toMatchObject({ code: 'disk' });
    }
    expect(await world.content(`${base}/victim/f`)).toBe('precious');
    expect(await disk.info(`${base}/none/x`)).toBeUndefined();
    await disk.makeDirectory(`${base}/none`);
    expect(await disk.list(`${base}/none`)).toEqual([]);
  });

  test('a folder that many find missing and make at once is there for all of them', async () => {
    const world = await make();
    const { base } = world;
    const disk = world.disk.within(`${base}/root`);
    const names = Array.from({ length: 60 }, (_, i) => `f${i}`);
    for (const name of names) await world.put(`${base}/root/from/${name}`, name);
    for (let round = 0; round < 20; round++) {
      const folder = `${base}/root/new${round}/deeper`;
      await inLanes(names, 8, async (name) => {
        const link = (): Promise<void> => disk.link(`${base}/root/from/${name}`, `${folder}/${name}`);
        await link().catch(async (error: unknown) => {
          if (diskCode(error) !== 'ENOENT') throw error;
          await disk.makeDirectory(folder);
          await link();
        });
      });
      expect(await disk.list(folder)).toHaveLength(names.length);
    }
  });

  test('a file with a second name is not written to', async () => {
    const world = await make();
    const { base } = world;
    const disk = world.disk.within(`${base}/root`);
    await world.disk.link(`${base}/victim/f`, `${base}/root/d/twin`);
    for (const mode of ['write', 'append'] as const) {
      const error: unknown = await disk.open(`${base}/root/d/twin`, mode).catch((thrown: unknown) => thrown);
      expect(diskCode(error)).toBe('EMLINK');
    }
    await (await disk.open(`${base}/root/d/twin`, 'read')).close();
    await disk.replaceFile(`${base}/root/d/twin`, text('ours'));
    expect(await world.content(`${base}/victim/f`)).toBe('precious');
  });
});

test.runIf(process.platform === 'linux')(
  'a folder that is exchanged for a link all the time: nothing behind the link is touched',
  async () => {
    const { base, disk: whole, content } = await real(true);
    const disk = whole.within(`${base}/root`);
    const swaps = new Int32Array(new SharedArrayBuffer(8));
    const swapper = new Worker(
      `const { workerData: { base, swaps } } = require('node:worker_threads');
      const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
      while (Atomics.load(swaps, 1) === 0) {
        renameSync(base + '/root/d', base + '/root/was');
        symlinkSync('../victim', base + '/root/d');
        for (let i = 0; i < 2000; i++) Atomics.load(swaps, 1);
        unlinkSync(base + '/root/d');
        renameSync(base + '/root/was', base + '/root/d');
        Atomics.add(swaps, 0, 1);
      }`,
      { eval: true, workerData: { base, swaps } },
    );
    let through = 0;
    let refused = 0;
    const tell = (work: Promise<unknown>): Promise<void> =>
      work.then(
        () => void through++,
        () => void refused++,
      );
    const d = `${base}/root/d`;
    for (let round = 0; round < 400; round++) {
      await Promise.all([
        tell(disk.replaceFile(`${d}/f`, text('ours'))),
        tell(disk.open(`${d}/only`, 'write').then((file) => file.close())),
        tell(disk.list(d)),
        tell(disk.open(`${d}/n${round}`, 'create').then((file) => file.close())),
      ]);
      await Promise.all([
        tell(disk.remove(`${d}/only`)),
        tell(disk.link(`${d}/f`, `${d}/l${round}`)),
        tell(disk.rename(`${d}/f`, `${d}/only`)),
        tell(disk.removeDirectory(`${d}/none`)),
      ]);
    }
    Atomics.store(swaps, 1, 1);
    await new Promise((resolve) => swapper.once('exit', resolve));
    expect(Atomics.load(swaps, 0)).toBeGreaterThan(10);
    expect(through).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
    expect((await readdir(`${base}/victim`)).toSorted()).toEqual(['f', 'only']);
    for (const name of ['f', 'only']) expect(await content(`${base}/victim/${name}`)).toBe('precious');
  },
);
