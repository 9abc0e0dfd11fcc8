import { describe, expect, it } from 'vitest';
import { piece as p } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { openPieceStore, type PieceStore } from './piece-store.ts';
import { openOwn } from './open-own.ts';
import { expectSame, testLocation, testTorrent } from './testing/torrent.ts';

const torrent = testTorrent([40_000, 30_000], 8192);

async function write(store: PieceStore, pieces: readonly number[]): Promise<void> {
  for (const index of pieces) {
    await store.writePiece(p(index), torrent.piece(index));
    await store.recordVerified(p(index));
  }
}

describe.each(['in-place', 'parts', 'pieces'] as const)('layout %s', (layout) => {
  it('a working file that has a second name, or gets one, is not written through', async () => {
    const disk = new MemoryDisk();
    const open = (): Promise<PieceStore> =>
      openPieceStore({ disk }, { ...torrent, location: testLocation(layout), count: 1 });
    const store = await open();
    await write(store, [0, 2, 4]);
    await store.sync();
    await store.close();
    // A backup that keeps files by second names, as several programs make them; and a file that somebody planted.
    const ours = disk.paths().filter((path) => path.startsWith('/work/') && !path.endsWith('/'));
    const kept = new Map<string, Uint8Array | undefined>();
    for (const [i, path] of ours.entries()) {
      await disk.makeDirectory('/backup');
      await disk.link(path, `/backup/${i}`);
      kept.set(`/backup/${i}`, disk.content(path)?.slice());
    }
    disk.put('/mine', new Uint8Array(9));
    if (layout === 'pieces') await disk.link('/mine', '/work/pieces/1');
    const again = await open();
    await write(again, [1, 3, 0]);
    await again.sync();
    await again.finish();
    for (const index of [0, 1, 2, 3, 4]) {
      const data = new Uint8Array(torrent.geometry.pieceSize(p(index)));
      await again.read(p(index), 0, data);
      expectSame(data, torrent.piece(index));
    }
    await again.close();
    for (const [path, content] of kept) expect(disk.content(path), path).toEqual(content);
    expect(disk.content('/mine')).toEqual(new Uint8Array(9));
    // Nothing is left of the copies.
    expect(disk.paths().filter((path) => path.includes('copy'))).toEqual([]);
  });
});

it('a copy is the same, holes and all, and what a killed copy left is no hindrance', async () => {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/d');
  const first = await disk.open('/d/f', 'write');
  await first.write(Uint8Array.of(1, 2, 3), 3_000_000);
  await first.truncate(5_000_000);
  await first.close();
  await disk.link('/d/f', '/twin');
  const before = (await disk.info('/d/f'))?.allocated;
  for (let n = 0; n < 50; n++) disk.put(`/d/scratch.${n}`, new Uint8Array(5));
  const file = await openOwn(disk.within('/d'), '/d/f', 'write', '/d/scratch');
  await file.write(Uint8Array.of(9), 0);
  await file.close();
  expect(disk.content('/d/f')?.subarray(3_000_000, 3_000_003)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await disk.info('/d/f')).toMatchObject({ size: 5_000_000 });
  expect((await disk.info('/d/f'))?.allocated).toBeLessThan((before ?? 0) + 2 * 1024 * 1024);
  expect(disk.content('/twin')?.[0]).toBe(0);
});
