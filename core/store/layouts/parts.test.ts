import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityIndex, piece as p } from '../../base/ids.ts';
import type { Disk } from '../../ports/disk.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { openPieceStore, type PieceStore } from '../piece-store.ts';
import { expectSame, testLocation, testTorrent } from '../testing/torrent.ts';

const torrent = testTorrent([60_000, 45_000], 8192);
const COUNT = torrent.info.pieceCount;

function open(disk: Disk, identity = 0): Promise<PieceStore> {
  return openPieceStore({ disk }, { ...torrent, location: testLocation('parts', identity), count: 2 });
}

async function expectPieces(store: PieceStore, pieces: readonly number[]): Promise<void> {
  for (const index of pieces) {
    const into = new Uint8Array(torrent.piece(index).length);
    await store.read(p(index), 0, into);
    expectSame(into, torrent.piece(index));
  }
}

async function write(store: PieceStore, pieces: readonly number[]): Promise<void> {
  for (const index of pieces) await store.writePiece(p(index), torrent.piece(index));
}

function joined(pieces: readonly number[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces.map((index) => torrent.piece(index))));
}

describe('a part', () => {
  it('grows without holes as pieces arrive, and is in piece order when it is finished', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk);
    await Promise.all([COUNT - 1, 3, 0].map((index) => store.writePiece(p(index), torrent.piece(index))));
    expectSame(disk.content('/work/part-0.1') ?? expect.fail(), joined([COUNT - 1, 3, 0]));
    await store.finish();
    expectSame(disk.content('/work/part-0') ?? expect.fail(), joined([0, 3, COUNT - 1]));
    expect((await disk.list('/work')).toSorted()).toEqual(['part-0', 'part-0.index']);
    await expectPieces(store, [0, 3, COUNT - 1]);
    const sync = await store.sync();
    expect(sync).toEqual([]);
    expect((await disk.list('/work')).toSorted()).toEqual(['part-0', 'part-0.index']);
  });

  it('that came in order is not copied', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk);
    await write(store, [0, 1, 5]);
    const id = (await disk.info('/work/part-0.1'))?.id;
    await store.finish();
    expect((await disk.info('/work/part-0'))?.id).toBe(id);
    await expectPieces(store, [0, 1, 5]);
  });

  it('goes on after it was finished, and over restarts', async () => {
    const disk = new MemoryDisk();
    for (const pieces of [[4, 2], [6, 1], [], [0, 3]]) {
      const store = await open(disk);
      await write(store, pieces);
      await store.finish();
      await store.close();
    }
    const store = await open(disk);
    await expectPieces(store, [0, 1, 2, 3, 4, 6]);
    expect(await disk.list('/work')).toHaveLength(2);
  });

  it('is read by a sibling while it grows and when it has been replaced', async () => {
    const disk = new MemoryDisk();
    const [own, sibling] = [await open(disk, 0), await open(disk, 1)];
    for (const index of [5, 2, 9]) {
      await write(own, [index]);
      sibling.setOwner(p(index), identityIndex(0));
    }
    await expectPieces(sibling, [2]);
    await own.finish();
    await expectPieces(sibling, [5, 9, 2]);
    await write(own, [1]);
    sibling.setOwner(p(1), identityIndex(0));
    await expectPieces(sibling, [1]);
  });

  it('is found with an owner that is not known or wrong', async () => {
    const disk = new MemoryDisk();
    await write(await open(disk, 1), [3]);
    const store = await open(disk, 0);
    await expectPieces(store, [3]);
    const other = await open(disk, 0);
    other.setOwner(p(3), identityIndex(0));
    await expectPieces(other, [3]);
  });

  it('stays as it is where the disk has no room for a second copy', async () => {
    const disk = new MemoryDisk({ capacity: 60_000_000 });
    const store = await open(disk);
    await write(store, [4, 2]);
    await store.finish();
    expect((await disk.list('/work')).toSorted()).toEqual(['part-0.1', 'part-0.index']);
    await expectPieces(store, [4, 2]);
  });

  it('stays as it is where finishing is stopped', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk);
    await write(store, [4, 2]);
    await store.finish(AbortSignal.abort());
    expect((await disk.list('/work')).toSorted()).toEqual(['part-0.1', 'part-0.index']);
    await expectPieces(store, [4, 2]);
    await store.finish();
    await expectPieces(store, [4, 2]);
  });

  it('loses nothing that was synced, wherever finishing is cut off', async () => {
    for (let after = 0; after < 40; after++) {
      const disk = new MemoryDisk();
      await disk.makeDirectory('/work');
      await disk.syncDirectory('/');
      const store = await open(disk);
      await write(store, [7, 3, 5]);
      await store.sync();
      let calls = 0;
      let cut = false;
      const dying = (whole: Disk): Disk =>
        new Proxy(whole, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            if (name === 'within') return (folder: string, real?: string) => dying(target.within(folder, real));
            return (...args: unknown[]): unknown => {
              cut = ++calls > after;
              return cut ? Promise.reject(new Error('dead')) : Reflect.apply(value, target, args);
            };
          },
        });
      await (await open(dying(disk))).finish().catch(() => undefined);
      disk.crash('power');
      const next = await open(disk);
      await expectPieces(next, [3, 5, 7]);
      await write(next, [1]);
      await next.finish();
      await expectPieces(next, [1, 3, 5, 7]);
      if (!cut) return;
    }
    expect.fail();
  });

  it('with an index cut at any byte gives only right bytes, and takes the rest again', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk);
    await write(store, [4, 2, 8]);
    await store.close();
    const index = disk.content('/work/part-0.index') ?? expect.fail();
    const part = disk.content('/work/part-0.1') ?? expect.fail();
    for (let end = 0; end <= index.length; end++) {
      disk.put('/work/part-0.index', index.subarray(0, end));
      disk.put('/work/part-0.1', part);
      const whole = Math.max(0, Math.floor((end - 52) / 20));
      const next = await open(disk);
      await expectPieces(next, [4, 2, 8].slice(0, whole));
      for (const lost of [4, 2, 8].slice(whole)) {
        await expect(next.read(p(lost), 0, new Uint8Array(1))).rejects.toMatchObject({ code: 'disk' });
      }
      await write(next, [0, 4, 2, 8]);
      await expectPieces(next, [0, 4, 2, 8]);
      await next.close();
    }
  });

  it('agrees with a model over writes, finishes and restarts by two identities', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('write' as const), who: fc.nat(1), index: fc.nat(COUNT - 1) }),
      },
      fc.record({ do: fc.constantFrom('finish' as const, 'restart' as const), who: fc.nat(1), index: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const disk = new MemoryDisk();
        const stores = [await open(disk, 0), await open(disk, 1)];
        const written = new Map<number, number>();
        for (const { do: what, who, index } of steps) {
          const store = stores[who] ?? expect.fail();
          if (what === 'finish') await store.finish();
          else if (what === 'restart') {
            await store.close();
            const next = await open(disk, who);
            for (const [piece, owner] of written) next.setOwner(p(piece), identityIndex(owner));
            stores[who] = next;
          } else {
            await write(store, [index]);
            written.set(index, who);
            for (const other of stores) other.setOwner(p(index), identityIndex(who));
          }
          for (const reader of stores) await expectPieces(reader, [...written.keys()]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
