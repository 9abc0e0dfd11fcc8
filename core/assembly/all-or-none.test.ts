import { expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { openPlacement } from '../store/layouts/open-placement.ts';
import { expectSame, testLocation, testTorrent } from '../store/testing/torrent.ts';
import { assemble } from './assemble.ts';

const { info, geometry, content, piece: bytesOf } = testTorrent([2500, 0, 3, 4000, 1500], 1024);
const LAST = '/out/t/f4';
const foreign = new Uint8Array(17).fill(1);

test.each(['in-place', 'parts', 'pieces'] as const)(
  'layout %s: where another file comes while names are given, none of ours keeps one',
  async (layout) => {
    const disk = new MemoryDisk();
    const location = testLocation(layout);
    const owners = new Uint8Array(info.pieceCount);
    const placement = openPlacement(disk, { info, geometry, location, count: 1, owners });
    for (let p = 0; p < info.pieceCount; p++) await placement.write(piece(p), bytesOf(p));
    await placement.sync();
    await placement.close();
    const run = () =>
      assemble(
        { disk, hasher: new SimHasher(true) },
        {
          info,
          location,
          count: 1,
          owners,
          trusted: new Uint8Array(info.pieceCount),
          wantedFiles: new Uint8Array(info.files.length).fill(1),
          replace: false,
        },
        () => undefined,
        new AbortController().signal,
      );
    disk.put('/out/t/d/own', foreign);
    disk.delay = (operation) => {
      if (operation === 'link') disk.put(LAST, foreign);
      return 0;
    };
    await expect(run()).rejects.toMatchObject({ code: 'exists' });
    const there = (): string[] => disk.paths().filter((path) => path.startsWith('/out/') && !path.endsWith('/'));
    expect(there().toSorted()).toEqual(['/out/t/d/own', LAST]);
    expect(disk.content(LAST)).toEqual(foreign);
    disk.delay = undefined;
    await disk.remove(LAST);
    await run();
    for (const { path, offset, length } of info.files) {
      expectSame(disk.content(`/out/${path.join('/')}`) ?? foreign, content.subarray(offset, offset + length));
    }
  },
);
