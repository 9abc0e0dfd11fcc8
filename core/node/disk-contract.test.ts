import fc from 'fast-check';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Disk } from '../ports/disk.ts';
import { diskCode } from '../ports/disk.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { NodeDisk } from './disk.ts';

/** What the real and the simulated disk must have in common. */
interface World {
  readonly disk: Disk;
  /** An empty directory. */
  readonly root: string;
  symlink(target: string, path: string): Promise<void>;
}

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function simulated(): Promise<World> {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/root');
  return { disk, root: '/root', symlink: async (target, path) => disk.symlink(target, path) };
}

async function real(options: ConstructorParameters<typeof NodeDisk>[0]): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'ensemble-disk-'));
  folders.push(root);
  return { disk: new NodeDisk(options), root, symlink: (target, path) => symlink(target, path) };
}

/** The same by a view that may not leave the root. */
async function confined(made: Promise<World>): Promise<World> {
  const world = await made;
  return { ...world, disk: world.disk.within(world.root) };
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function put(disk: Disk, path: string, value: string): Promise<void> {
  const file = await disk.open(path, 'write');
  await file.write(text(value), 0);
  await file.close();
}

async function content(disk: Disk, path: string): Promise<string | undefined> {
  const data = await disk.readFile(path, 1000);
  return data && new TextDecoder().decode(data);
}

/** The system's code of what this rejects with; checks that it is a disk error that names the path. */
async function refusal(promise: Promise<unknown>, path: string): Promise<string | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'EnsembleError', code: 'disk' });
  expect(String(error)).toContain(path);
  return diskCode(error);
}

describe.each([
  ['simulated', simulated],
  ['real', () => real({})],
  ['real, read and written on the loop', () => real({ quickOnLoop: true })],
  ['real, read on the loop', () => real({ readsOnLoop: true })],
  ['simulated, confined', () => confined(simulated())],
  ['real, confined', () => confined(real({}))],
  ['real, confined, read on the loop', () => confined(real({ readsOnLoop: true }))],
  ['real, confined without descriptors', () => confined(real({ pinning: false }))],
])('%s Disk', (_name, make) => {
  test('positioned writes and reads agree with a plain array', async () => {
    const { disk, root } = await make();
    const write = fc.record({
      position: fc.integer({ min: 0, max: 20_000 }),
      data: fc.uint8Array({ maxLength: 9000 }),
      cut: fc.option(fc.integer({ min: 0, max: 25_000 }), { freq: 5 }),
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (steps) => {
        const file = await disk.open(`${root}/f${runs++}`, 'create');
        let model = new Uint8Array(0);
        for (const { position, data, cut } of steps) {
          await file.write(data, position);
          const end = data.length === 0 ? 0 : position + data.length;
          const next = new Uint8Array(Math.max(model.length, end));
          next.set(model);
          if (data.length > 0) next.set(data, position);
          model = next;
          if (cut === null) continue;
          await file.truncate(cut);
          const resized = new Uint8Array(cut);
          resized.set(model.subarray(0, cut));
          model = resized;
        }
        expect(await file.size()).toBe(model.length);
        const got = new Uint8Array(model.length + 10);
        expect(await file.read(got, 0)).toBe(model.length);
        expect(Buffer.compare(got.subarray(0, model.length), model)).toBe(0);
        expect(await file.read(got, model.length + 5)).toBe(0);
        await file.close();
      }),
      {
        numRuns: 15,
        examples: [
          [[{ position: 1, data: new Uint8Array(0), cut: null }]],
          [[{ position: 5000, data: new Uint8Array(9), cut: 7 }]],
        ],
      },
    );
  });

  test.each([
    // mode, what is there before, what its first write at 1 leaves (or the refusal)
    ['read', undefined, 'ENOENT'],
    ['read', 'old!', 'EBADF'],
    ['write', undefined, '\0X'],
    ['write', 'old!', 'oXd!'],
    ['create', undefined, '\0X'],
    ['create', 'old!', 'EEXIST'],
    ['append', undefined, 'X'],
    ['append', 'old!', 'old!X'],
  ] as const)('opening to %s where there is %s: %s', async (mode, before, after) => {
    const { disk, root } = await make();
    const path = `${root}/file`;
    if (before !== undefined) await put(disk, path, before);
    const act = async (): Promise<void> => {
      const file = await disk.open(path, mode);
      try {
        await file.write(text('X'), 1);
      } finally {
        await file.close();
      }
    };
    if (after.startsWith('E')) {
      expect(await refusal(act(), path)).toBe(after);
      expect(await content(disk, path)).toBe(before);
    } else {
      await act();
      expect(await content(disk, path)).toBe(after);
    }
  });

  test('an extension is sparse, and counts as such', async () => {
    const { disk, root } = await make();
    const file = await disk.open(`${root}/sparse`, 'write');
    await file.truncate(50_000_000);
    await file.write(new Uint8Array(4096).fill(1), 8_192_000);
    await file.sync();
    const info = await disk.info(`${root}/sparse`);
    expect(info).toMatchObject({ kind: 'file', size: 50_000_000 });
    expect(info?.allocated).toBeGreaterThanOrEqual(4096);
    expect(info?.allocated).toBeLessThan(1_000_000);
    const hole = new Uint8Array(100).fill(9);
    expect(await file.read(hole, 40_000_000)).toBe(100);
    expect(hole.every((byte) => byte === 0)).toBe(true);
    await file.close();
  });

  test('info names kinds, and knows the same file by another name', async () => {
    const { disk, root, symlink } = await make();
    await put(disk, `${root}/a`, 'abc');
    await disk.link(`${root}/a`, `${root}/b`);
    await symlink('a', `${root}/l`);
    expect(await disk.info(`${root}/a`)).toMatchObject({ kind: 'file', size: 3 });
    expect(await disk.info(root)).toMatchObject({ kind: 'directory' });
    expect(await disk.info(`${root}/l`)).toMatchObject({ kind: 'link' });
    expect(await disk.info(`${root}/none`)).toBeUndefined();
    expect(await disk.info(`${root}/a/below`)).toBeUndefined();
    expect((await disk.info(`${root}/b`))?.id).toBe((await disk.info(`${root}/a`))?.id);
    expect(await refusal(disk.link(`${root}/b`, `${root}/a`), `${root}/a`)).toBe('EEXIST');
  });

  test('directories: made with those above, listed, removed only when empty', async () => {
    const { disk, root } = await make();
    await disk.makeDirectory(`${root}/x/y/z`);
    await disk.makeDirectory(`${root}/x/y/z`);
    await put(disk, `${root}/x/f`, '');
    expect([...(await disk.list(`${root}/x`))].toSorted()).toEqual(['f', 'y']);
    expect(await disk.list(`${root}/none`)).toEqual([]);
    expect(await refusal(disk.list(`${root}/x/f`), 'x/f')).toBe('ENOTDIR');
    expect(await refusal(disk.makeDirectory(`${root}/x/f`), 'x/f')).toBe('EEXIST');
    expect(await refusal(disk.makeDirectory(`${root}/x/f/g`), 'x/f/g')).toBe('ENOTDIR');
    expect(await disk.removeDirectory(`${root}/x`)).toBe(false);
    expect(await disk.removeDirectory(`${root}/x/y/z`)).toBe(true);
    expect(await disk.removeDirectory(`${root}/x/y/z`)).toBe(false);
    await disk.remove(`${root}/x/f`);
    await disk.remove(`${root}/x/f`);
    await disk.syncDirectory(`${root}/x`);
    expect(await disk.removeDirectory(`${root}/x/y`)).toBe(true);
    expect(await disk.removeDirectory(`${root}/x`)).toBe(true);
    expect(await disk.list(root)).toEqual([]);
  });

  test('links at the end of a path are not followed', async () => {
    const { disk, root, symlink } = await make();
    await disk.makeDirectory(`${root}/outside`);
    await put(disk, `${root}/outside/victim`, 'precious');
    await disk.makeDirectory(`${root}/tree`);
    await symlink(`${root}/outside/victim`, `${root}/tree/link`);
    await symlink(`${root}/outside`, `${root}/tree/folder`);
    const path = `${root}/tree/link`;
    for (const mode of ['read', 'write', 'append'] as const) {
      expect(await refusal(disk.open(path, mode), path)).toBe('ELOOP');
    }
    expect(await refusal(disk.open(path, 'create'), path)).toBe('EEXIST');
    expect(await refusal(disk.readFile(path, 100), path)).toBe('ELOOP');
    expect(await refusal(disk.replaceFile(path, text('bad')), path)).toBe('ELOOP');
    expect(await disk.realPath(`${root}/tree/folder/victim`)).toBe(await disk.realPath(`${root}/outside/victim`));
    expect(await disk.realPath(`${root}/tree/folder/none`)).toBeUndefined();
    await disk.remove(path);
    await disk.remove(`${root}/tree/folder`);
    expect(await content(disk, `${root}/outside/victim`)).toBe('precious');
    expect(await disk.list(`${root}/tree`)).toEqual([]);
  });

  test('directories do not open as files', async () => {
    const { disk, root } = await make();
    for (const mode of ['read', 'write', 'append'] as const) {
      expect(await refusal(disk.open(root, mode), root)).toBe('EISDIR');
    }
    expect(await refusal(disk.readFile(root, 100), root)).toBe('EISDIR');
  });

  test('rename replaces a file, and takes a directory with all in it', async () => {
    const { disk, root } = await make();
    await put(disk, `${root}/a`, 'new');
    await put(disk, `${root}/b`, 'old');
    await disk.rename(`${root}/a`, `${root}/b`);
    expect(await content(disk, `${root}/b`)).toBe('new');
    expect(await content(disk, `${root}/a`)).toBeUndefined();
    await disk.makeDirectory(`${root}/d/e`);
    await put(disk, `${root}/d/e/f`, 'deep');
    await disk.rename(`${root}/d`, `${root}/g`);
    expect(await content(disk, `${root}/g/e/f`)).toBe('deep');
    expect(await refusal(disk.rename(`${root}/none`, `${root}/h`), `${root}/h`)).toBe('ENOENT');
  });

  test('whole files: replaced, bounded, missing', async () => {
    const { disk, root } = await make();
    const path = `${root}/state.json`;
    expect(await disk.readFile(path, 10)).toBeUndefined();
    await disk.replaceFile(path, text('first'));
    await disk.replaceFile(path, text('second'));
    expect(await content(disk, path)).toBe('second');
    expect(await disk.list(root)).toEqual(['state.json']);
    expect((await disk.readFile(path, 6))?.length).toBe(6);
    await refusal(disk.readFile(path, 5), path);
    await disk.replaceFile(path, new Uint8Array(0));
    expect(await disk.readFile(path, 0)).toEqual(new Uint8Array(0));
    expect(await refusal(disk.replaceFile(`${root}/none/x`, text('x')), `${root}/none/x`)).toBe('ENOENT');
  });

  test('a closed file takes nothing, and closes once', async () => {
    const { disk, root } = await make();
    const file = await disk.open(`${root}/f`, 'write');
    const writing = file.write(new Uint8Array(100_000).fill(1), 0);
    await Promise.all([writing, file.close(), file.close()]);
    expect(await refusal(file.read(new Uint8Array(1), 0), `${root}/f`)).toBe('EBADF');
    expect((await disk.info(`${root}/f`))?.size).toBe(100_000);
  });

  test('there is room', async () => {
    const { disk, root } = await make();
    expect(await disk.freeSpace(root)).toBeGreaterThan(0);
  });
});

test.runIf(process.platform === 'linux')(
  'a directory where the system lets nobody make one is refused, not tried for ever',
  async () => {
    expect(await refusal(new NodeDisk().makeDirectory('/proc/nothing/here'), '/proc/nothing/here')).toBe('ENOENT');
  },
);
