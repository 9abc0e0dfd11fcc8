import { describe, expect, test } from 'vitest';
import { diskCode } from '../ports/disk.ts';
import { VirtualClock } from './clock.ts';
import { MemoryDisk } from './disk.ts';
import { SeededRandom } from './random.ts';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

async function written(disk: MemoryDisk, path: string, data: Uint8Array, sync = false) {
  const file = await disk.open(path, 'write');
  await file.write(data, 0);
  if (sync) await file.sync();
  return file;
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => diskCode(error),
  );
}

describe('MemoryDisk faults', () => {
  test('a full disk takes no new block, but writes into those it has', async () => {
    const disk = new MemoryDisk({ capacity: 8192 });
    const file = await written(disk, '/a', bytes(8192, 1));
    expect(await disk.freeSpace('/')).toBe(0);
    expect(await codeOf(file.write(bytes(1, 2), 8192))).toBe('ENOSPC');
    expect(await codeOf(disk.replaceFile('/b', bytes(1, 2)))).toBe('ENOSPC');
    await file.write(bytes(100, 3), 0);
    expect(disk.content('/a')?.length).toBe(8192);
    await disk.remove('/a');
    expect(await disk.freeSpace('/')).toBe(8192);
  });

  test('errors by operation and path, for as often as told', async () => {
    const disk = new MemoryDisk();
    const good = await written(disk, '/good', bytes(1, 1));
    const bad = await written(disk, '/bad', bytes(1, 1));
    disk.fail({ operation: 'write', path: '/bad', code: 'EIO', times: 2 });
    const stop = disk.fail({ operation: 'sync', path: /^\/b/, code: 'ENXIO' });
    expect([await codeOf(bad.write(bytes(1, 2), 0)), await codeOf(good.write(bytes(1, 2), 0))]).toEqual([
      'EIO',
      undefined,
    ]);
    expect([await codeOf(bad.write(bytes(1, 2), 0)), await codeOf(bad.write(bytes(1, 2), 0))]).toEqual([
      'EIO',
      undefined,
    ]);
    for (let i = 0; i < 3; i++) expect(await codeOf(bad.sync())).toBe('ENXIO');
    stop();
    expect(await codeOf(bad.sync())).toBeUndefined();
    expect(disk.counts.get('write')).toBe(6);
  });

  test('slow operations take virtual time', async () => {
    const clock = new VirtualClock();
    const disk = new MemoryDisk({ clock });
    disk.delay = (operation, _path, count) => (operation === 'write' ? count / 1000 : 0);
    await clock.resolve(written(disk, '/a', bytes(5000, 1)));
    expect(clock.now()).toBe(5);
  });
});

describe('MemoryDisk crashes', () => {
  async function scene() {
    const disk = new MemoryDisk();
    disk.put('/d/kept', bytes(10_000, 1));
    const kept = await written(disk, '/d/kept', bytes(5000, 2), true);
    await kept.write(bytes(4096, 3), 4096);
    await kept.truncate(20_000);
    await disk.makeDirectory('/new');
    const unnamed = await written(disk, '/new/unnamed', bytes(100, 4), true);
    await written(disk, '/d/named', bytes(100, 5), true);
    await written(disk, '/d/empty', bytes(100, 6));
    await disk.syncDirectory('/d');
    await disk.rename('/d/named', '/d/renamed');
    return { disk, kept, unnamed };
  }

  test('power: only what was synced, under the names that were', async () => {
    const { disk, kept } = await scene();
    disk.crash('power');
    expect(disk.paths()).toEqual(['/d/', '/d/empty', '/d/kept', '/d/named']);
    const content = disk.content('/d/kept');
    expect(content?.length).toBe(10_000);
    expect([content?.[0], content?.[4999], content?.[5000], content?.[9999]]).toEqual([2, 2, 1, 1]);
    expect(disk.content('/d/empty')).toEqual(new Uint8Array(0));
    expect(await codeOf(kept.write(bytes(1, 1), 0))).toBe('EBADF');
    expect(disk.openFiles).toBe(0);
  });

  test('process: everything stays, but the files are closed', async () => {
    const { disk, unnamed } = await scene();
    disk.crash('process');
    expect(disk.paths()).toEqual(['/d/', '/d/empty', '/d/kept', '/d/renamed', '/new/', '/new/unnamed']);
    expect(disk.content('/d/kept')?.length).toBe(20_000);
    expect(await codeOf(unnamed.read(bytes(1, 0), 0))).toBe('EBADF');
  });

  test('chance: each unsynced block is old or new, never a mixture', async () => {
    const random = new SeededRandom(3);
    let old = 0;
    let fresh = 0;
    for (let run = 0; run < 20; run++) {
      const disk = new MemoryDisk();
      disk.put('/f', bytes(10 * 4096, 1));
      const file = await disk.open('/f', 'write');
      await file.write(bytes(10 * 4096, 2), 0);
      disk.crash(random.uniform);
      const content = disk.content('/f') ?? bytes(0, 0);
      expect(content.length).toBe(10 * 4096);
      for (let block = 0; block < 10; block++) {
        const part = content.subarray(block * 4096, (block + 1) * 4096);
        expect(part.every((byte) => byte === part[0])).toBe(true);
        if (part[0] === 1) old++;
        else fresh++;
      }
    }
    expect(Math.min(old, fresh)).toBeGreaterThan(50);
  });

  test('replaceFile survives a power cut', async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/state');
    await disk.replaceFile('/state/a', bytes(3, 7));
    disk.crash('power');
    expect(disk.content('/state/a')).toEqual(bytes(3, 7));
  });
});
