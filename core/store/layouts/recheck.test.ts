import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { identityIndex, piece as p } from '../../base/ids.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { SimHasher } from '../../sim/hasher.ts';
import type { StoreLocation } from './layout.ts';
import { openPieceStore } from '../piece-store.ts';
import { recheck } from './recheck.ts';
import { testLocation, testTorrent } from '../testing/torrent.ts';

const torrent = testTorrent([30_000, 0, 100, 70_000, -200, 4000], 16384);
const COUNT = torrent.info.pieceCount;

class WideHasher extends SimHasher {
  override readonly parallelism = 3;
}

async function check(
  disk: MemoryDisk,
  over: Partial<Parameters<typeof recheck>[1]> = {},
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<number[]> {
  const input = { ...torrent, location: testLocation('in-place'), count: 2, ...over };
  return [...(await recheck({ disk, hasher: new WideHasher() }, input, onProgress, signal))];
}

describe.each(['v2', 'hybrid'] as const)('a recheck of %s', (version) => {
  const torrent = testTorrent([30_000, 0, 100, 70_000, 32768, 4000], 32768, version);

  it.each<StoreLocation['layout']>(['in-place', 'parts', 'pieces'])('finds what is right with %s', async (layout) => {
    const disk = new MemoryDisk();
    const location = testLocation(layout);
    const store = await openPieceStore({ disk }, { ...torrent, location, count: 1 });
    // The last byte before the padding, and one in the middle, are wrong.
    const spoilt = new Map([
      [2, torrent.geometry.dataSize(p(2)) - 1],
      [4, 16384],
    ]);
    for (let index = 0; index < torrent.info.pieceCount; index++) {
      const data = torrent.piece(index).slice();
      const at = spoilt.get(index);
      if (at !== undefined) data[at] = (data[at] ?? 0) ^ 1;
      await store.writePiece(p(index), data);
    }
    await store.close();
    const good = await check(disk, { ...torrent, location, count: 1 });
    expect(good).toEqual(good.map((_, index) => (spoilt.has(index) ? 0 : 1)));
    const roots = torrent.info.pieceRoots?.slice() ?? new Uint8Array();
    roots[0] = (roots[0] ?? 0) ^ 1;
    const other = { ...torrent, info: { ...torrent.info, pieceRoots: roots } };
    expect((await check(disk, { ...other, location, count: 1, pieces: [0] }))[0]).toBe(0);
  });

  it('takes zeros for right only where they are', async () => {
    const disk = new MemoryDisk();
    const location = { ...testLocation('in-place'), assembled: true };
    for (const { path, length } of torrent.info.files) disk.put(`/out/${path.join('/')}`, new Uint8Array(length));
    expect(await check(disk, { ...torrent, location, count: 1 })).not.toContain(1);
  });
});

describe('a hybrid', () => {
  const torrent = testTorrent([30_000, 40_000], 32768, 'hybrid');

  it('whose halves describe other bytes has no right piece, and without its layers counts as version 1', async () => {
    const disk = new MemoryDisk();
    const location = { ...testLocation('in-place'), assembled: true };
    for (const { path, offset, length } of torrent.info.files)
      disk.put(`/out/${path.join('/')}`, torrent.content.slice(offset, offset + length));
    const { pieceRoots, ...bare } = torrent.info;
    const wrong = { ...bare, pieceHashes: bare.pieceHashes.map((byte) => byte ^ 1), ...(pieceRoots && { pieceRoots }) };
    const all = { ...torrent, location, count: 1 };
    expect(await check(disk, { ...all, info: wrong })).not.toContain(1);
    expect(await check(disk, { ...all, info: bare })).not.toContain(0);
  });
});

describe('a recheck', () => {
  it.each<StoreLocation['layout']>(['in-place', 'parts', 'pieces'])('finds what is right with %s', async (layout) => {
    const disk = new MemoryDisk();
    for (const [identity, pieces] of [
      [0, [0, 2, 6]],
      [1, [1, 4]],
    ] as const) {
      const location = testLocation(layout, identity);
      const store = await openPieceStore({ disk }, { ...torrent, location, count: 2 });
      for (const index of pieces) {
        const data = torrent.piece(index);
        await store.writePiece(p(index), index === 2 ? data.map((byte) => byte ^ 1) : data);
      }
      await store.close();
    }
    const progress: [number, number][] = [];
    const good = await check(disk, { location: testLocation(layout) }, (...step) => progress.push(step));
    expect(good.flatMap((is, index) => (is === 1 ? [index] : []))).toEqual([0, 1, 4, 6]);
    expect(progress.length).toBe(COUNT);
    expect(progress.at(-1)).toEqual([COUNT, COUNT]);
    expect(disk.openFiles).toBe(0);
  });

  it.each<[StoreLocation['layout'], string]>([
    ['in-place', '/work/files/t/f0'],
    ['parts', '/work/part-0.1'],
    ['pieces', '/work/pieces/0'],
  ])('reads what bears the name now, though this process has the older file open, with %s', async (layout, path) => {
    const disk = new MemoryDisk();
    const store = await openPieceStore({ disk }, { ...torrent, location: testLocation(layout), count: 1 });
    await store.writePiece(p(0), torrent.piece(0));
    await store.read(p(0), 0, new Uint8Array(10));
    const wrong = disk.content(path)?.map((byte) => byte ^ 1) ?? new Uint8Array(0);
    await disk.replaceFile(path, wrong);
    expect(await check(disk, { location: testLocation(layout) })).toEqual(Array.from({ length: COUNT }, () => 0));
    await store.close();
  });

  it.each<StoreLocation['layout']>(['in-place', 'parts', 'pieces'])(
    'makes durable what is right with %s',
    async (layout) => {
      const disk = new MemoryDisk();
      await disk.makeDirectory('/work');
      await disk.syncDirectory('/');
      const store = await openPieceStore({ disk }, { ...torrent, location: testLocation(layout), count: 1 });
      for (const index of [5, 3, 4]) await store.writePiece(p(index), torrent.piece(index));
      disk.crash('process');
      const good = await check(disk, { location: testLocation(layout) });
      expect(good).toEqual([0, 0, 0, 1, 1, 1, 0]);
      disk.crash('power');
      expect(await check(disk, { location: testLocation(layout) })).toEqual(good);
    },
  );

  it('reads only what it is asked for', async () => {
    const disk = new MemoryDisk();
    const location = { ...testLocation('in-place'), assembled: true };
    for (const file of torrent.info.files) {
      disk.put(`/out/${file.path.join('/')}`, torrent.content.subarray(file.offset, file.offset + file.length));
    }
    expect(await check(disk, { location, pieces: [1, 3, 99] })).toEqual([0, 1, 0, 1, 0, 0, 0]);
    expect(await check(disk, { location })).toEqual(Array.from({ length: COUNT }, () => 1));
  });

  it('takes what is missing, short or in the way as bad pieces', async () => {
    const disk = new MemoryDisk();
    const location = { ...testLocation('in-place'), assembled: true };
    expect(await check(disk, { location })).toEqual(Array.from({ length: COUNT }, () => 0));
    disk.put('/out/t/f0', torrent.content.subarray(0, 20_000));
    await disk.makeDirectory('/out/t/d/f3');
    expect(await check(disk, { location })).toEqual([1, 0, 0, 0, 0, 0, 0]);
    disk.fail({ operation: 'read', code: 'EIO' });
    expect(await check(disk, { location })).toEqual(Array.from({ length: COUNT }, () => 0));
  });

  it('says so where it may not read', async () => {
    const disk = new MemoryDisk();
    disk.put('/work/files/t/f0', torrent.content.subarray(0, 20_000));
    disk.fail({ operation: 'open', code: 'EACCES' });
    await expect(check(disk)).rejects.toMatchObject({ code: 'disk' });
  });

  it('ends when it is told to, with no file open', async () => {
    const disk = new MemoryDisk();
    disk.put('/work/files/t/f0', torrent.content.subarray(0, 30_000));
    const abort = new AbortController();
    let last = 0;
    const running = check(
      disk,
      { owners: new Uint8Array(COUNT).fill(identityIndex(0)) },
      (done) => {
        last = done;
        abort.abort();
      },
      abort.signal,
    );
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect(last).toBeLessThan(COUNT);
    expect(disk.openFiles).toBe(0);
  });

  it('knows zeros without hashing them again and again', async () => {
    const zeros = testTorrent([64 * 16384, 5], 16384);
    const hash = createHash('sha1').update(new Uint8Array(16384)).digest();
    const pieceHashes = zeros.info.pieceHashes.slice();
    for (let index = 0; index < 64; index++) if (index !== 7) pieceHashes.set(hash, index * 20);
    const disk = new MemoryDisk();
    const file = await disk.makeDirectory('/out/t').then(() => disk.open('/out/t/f0', 'create'));
    await file.truncate(64 * 16384);
    const hasher = new SimHasher();
    const good = await recheck(
      { disk, hasher },
      {
        ...zeros,
        info: { ...zeros.info, pieceHashes },
        location: { ...testLocation('in-place'), assembled: true },
        count: 1,
      },
      () => undefined,
    );
    expect(good.reduce((sum, is) => sum + is, 0)).toBe(63);
    expect(good[7]).toBe(0);
    expect(hasher.count).toBe(1);
  });
});
