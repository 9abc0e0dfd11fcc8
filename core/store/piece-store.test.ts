import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piece as p, identityIndex } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import type { StoreLocation } from './layouts/layout.ts';
import { openPieceStore, type PieceStore } from './piece-store.ts';
import { expectSame, testLocation, testTorrent, type TestTorrent } from './testing/torrent.ts';

const LAYOUTS: readonly StoreLocation['layout'][] = ['in-place', 'parts', 'pieces'];
const TORRENTS: readonly { readonly what: string; readonly torrent: TestTorrent }[] = [
  { what: 'one file', torrent: testTorrent([100_000], 16384) },
  { what: 'one file smaller than a piece', torrent: testTorrent([700], 16384) },
  { what: 'files smaller than a piece', torrent: testTorrent([10, 20, 30, 5000, 1, 40_000], 16384) },
  { what: 'files without bytes', torrent: testTorrent([0, 20_000, 0, 0, 13_000, 0], 16384) },
  { what: 'padding', torrent: testTorrent([10_000, -6384, 16384, 5, -16379, 3], 16384) },
  { what: 'version 2', torrent: testTorrent([40_000, 5, 0, 70_000, 32768], 32768, 'v2') },
  { what: 'a hybrid', torrent: testTorrent([40_000, 5, 0, 70_000, 32768], 32768, 'hybrid') },
];

async function readWhole(store: PieceStore, torrent: TestTorrent, index: number): Promise<Uint8Array> {
  const into = new Uint8Array(torrent.piece(index).length);
  await store.read(p(index), 0, into);
  return into;
}

describe.each(LAYOUTS)('a store with layout %s', (layout) => {
  const open = (disk: MemoryDisk, torrent: TestTorrent, identity = 0): Promise<PieceStore> =>
    openPieceStore({ disk }, { ...torrent, location: testLocation(layout, identity), count: 3 });

  it.each(TORRENTS)('gives back what was written, in any order: $what', async ({ torrent }) => {
    const disk = new MemoryDisk();
    const store = await open(disk, torrent);
    const order = Array.from({ length: torrent.info.pieceCount }, (_, i) => i).reverse();
    for (const index of order) await store.writePiece(p(index), torrent.piece(index));
    for (const index of order) expectSame(await readWhole(store, torrent, index), torrent.piece(index));
    await store.finish();
    const sibling = await open(disk, torrent, 1);
    for (const index of order) {
      sibling.setOwner(p(index), identityIndex(0));
      expectSame(await readWhole(sibling, torrent, index), torrent.piece(index));
    }
    await store.close();
    await sibling.close();
  });

  it('says which piece is missing', async () => {
    const { torrent } = TORRENTS[0] ?? expect.fail();
    const store = await open(new MemoryDisk(), torrent);
    await store.writePiece(p(1), torrent.piece(1));
    await expect(store.read(p(5), 0, new Uint8Array(10))).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining('Piece 5'),
    });
  });

  it.each([
    { torrent: testTorrent([3000, 0, 50_000, 9, 40_000], 4096), most: 4096 },
    { torrent: testTorrent([3000, 0, 50_000, 9, 40_000], 16384, 'v2'), most: 16384 },
    { torrent: testTorrent([3000, 0, 50_000, 9, 40_000], 16384, 'hybrid'), most: 16384 },
  ])('agrees with a model over random writes and reads: pieces of $most', async ({ torrent, most }) => {
    const size = torrent.info.pieceCount;
    const step = fc.record({
      write: fc.boolean(),
      index: fc.nat(size - 1),
      begin: fc.nat(most - 1),
      length: fc.nat(most),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = await open(new MemoryDisk(), torrent);
        const written = new Set<number>();
        for (const { write, index, begin, length } of steps) {
          const data = torrent.piece(index);
          if (write) {
            await store.writePiece(p(index), data);
            written.add(index);
          } else if (written.has(index)) {
            const from = Math.min(begin, data.length);
            const into = new Uint8Array(Math.min(length, data.length - from));
            await store.read(p(index), from, into);
            expectSame(into, data.subarray(from, from + into.length));
          }
        }
        await store.close();
      }),
      { numRuns: 40 },
    );
  });

  it('serves many uploads of one piece with one read', async () => {
    const { torrent } = TORRENTS[0] ?? expect.fail();
    const disk = new MemoryDisk();
    const store = await open(disk, torrent);
    await store.writePiece(p(2), torrent.piece(2));
    await Promise.all(Array.from({ length: 16 }, (_, i) => store.read(p(2), i * 1024, new Uint8Array(1024))));
    expect(disk.counts.get('read')).toBe(1);
  });

  it('does not serve from memory what was written anew', async () => {
    const { torrent } = TORRENTS[0] ?? expect.fail();
    const store = await open(new MemoryDisk(), torrent);
    await store.writePiece(p(2), torrent.piece(1));
    expectSame(await readWhole(store, torrent, 2), torrent.piece(1));
    await store.writePiece(p(2), torrent.piece(2));
    expectSame(await readWhole(store, torrent, 2), torrent.piece(2));
  });

  it('keeps what was synced over a power cut, and tells of it once', async () => {
    const { torrent } = TORRENTS[2] ?? expect.fail();
    const disk = new MemoryDisk();
    await disk.makeDirectory('/work');
    await disk.syncDirectory('/');
    const store = await open(disk, torrent);
    for (const index of [2, 0]) {
      await store.writePiece(p(index), torrent.piece(index));
      await store.recordVerified(p(index));
    }
    expect(await store.sync()).toEqual([2, 0]);
    expect(await store.sync()).toEqual([]);
    disk.crash('power');
    const after = await open(disk, torrent);
    for (const index of [0, 2]) {
      after.setOwner(p(index), identityIndex(0));
      expectSame(await readWhole(after, torrent, index), torrent.piece(index));
    }
  });

  it('lets work wait between closing the files and the move', async () => {
    const { torrent } = TORRENTS[0] ?? expect.fail();
    const disk = new MemoryDisk();
    const store = await open(disk, torrent);
    await store.writePiece(p(0), torrent.piece(0));
    await store.recordVerified(p(0));
    await store.closeFiles();
    expect(disk.openFiles).toBe(0);
    const reading = readWhole(store, torrent, 0);
    await disk.rename('/work', '/elsewhere');
    store.moved({ ...testLocation(layout), workFolder: '/elsewhere' });
    expectSame(await reading, torrent.piece(0));
    expect(await store.sync()).toEqual([0]);
    await store.close();
    await expect(store.writePiece(p(0), torrent.piece(0))).rejects.toMatchObject({ code: 'interrupted' });
    expect(disk.openFiles).toBe(0);
  });

  it('fails with the disk error and goes on when there is room again', async () => {
    const { torrent } = TORRENTS[0] ?? expect.fail();
    const disk = new MemoryDisk();
    const store = await open(disk, torrent);
    await store.writePiece(p(1), torrent.piece(1));
    const end = disk.fail({ operation: 'write', code: 'ENOSPC' });
    await expect(store.writePiece(p(0), torrent.piece(0))).rejects.toMatchObject({ code: 'disk' });
    end();
    await store.writePiece(p(3), torrent.piece(3));
    await store.writePiece(p(0), torrent.piece(0));
    for (const index of [0, 1, 3]) expectSame(await readWhole(store, torrent, index), torrent.piece(index));
  });
});

describe('in place', () => {
  it('reads finished files below the output, and does not write there', async () => {
    const torrent = testTorrent([5000, 20_000], 16384);
    const disk = new MemoryDisk();
    disk.put('/out/t/f0', torrent.content.subarray(0, 5000));
    disk.put('/out/t/d/f1', torrent.content.subarray(5000));
    const location = { ...testLocation('parts'), assembled: true };
    const store = await openPieceStore({ disk }, { ...torrent, location, count: 1 });
    for (const index of [0, 1]) expectSame(await readWhole(store, torrent, index), torrent.piece(index));
    await expect(store.writePiece(p(0), torrent.piece(0))).rejects.toMatchObject({ code: 'usage' });
  });

  it('makes neither empty files nor padding, and takes no more than what arrived', async () => {
    const torrent = testTorrent([0, -16384, 400_000], 16384);
    const disk = new MemoryDisk();
    const store = await openPieceStore({ disk }, { ...torrent, location: testLocation('in-place'), count: 1 });
    await store.writePiece(p(0), torrent.piece(0));
    await store.writePiece(p(20), torrent.piece(20));
    expect(await disk.list('/work/files/t')).toEqual(['f2']);
    expect((await disk.info('/work/files/t/f2'))?.allocated).toBeLessThanOrEqual(2 * 16384);
  });

  it.each([
    { what: 'a folder', link: '/work/files/t/d' },
    { what: 'the folder of files', link: '/work/files' },
    { what: 'a file', link: '/work/files/t/d/f1' },
  ])('does not follow a link in the place of $what', async ({ link }) => {
    const torrent = testTorrent([100, 5000], 16384);
    const disk = new MemoryDisk();
    await disk.makeDirectory('/elsewhere/t/d');
    await disk.makeDirectory(link.slice(0, link.lastIndexOf('/')));
    disk.symlink('/elsewhere', link);
    const store = await openPieceStore({ disk }, { ...torrent, location: testLocation('in-place'), count: 1 });
    await expect(store.writePiece(p(0), torrent.piece(0))).rejects.toMatchObject({ code: 'disk' });
    expect(await disk.list('/elsewhere')).toEqual(['t']);
    expect(await disk.list('/elsewhere/t/d')).toEqual([]);
  });
});
