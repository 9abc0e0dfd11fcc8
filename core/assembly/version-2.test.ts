import { describe, expect, test } from 'vitest';
import type { LayoutKind } from '../base/choices.ts';
import { piece } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { openPlacement } from '../store/layouts/open-placement.ts';
import { testLocation, testTorrent } from '../store/testing/torrent.ts';
import { assemble } from './assemble.ts';

const LAYOUTS: LayoutKind[] = ['in-place', 'parts', 'pieces'];
const CASES = (['v2', 'hybrid'] as const).flatMap((version) => LAYOUTS.map((layout) => [version, layout] as const));

describe.each(CASES)('a torrent of %s from %s', (version, layout) => {
  const { info, geometry, content, piece: bytesOf } = testTorrent([70_000, 0, 5, 32_768, 40_000], 32_768, version);
  const location = testLocation(layout);
  const stored = info.files.filter(({ padding }) => !padding);

  async function assembled(spoilt?: number, trusted = 0) {
    const disk = new MemoryDisk();
    const owners = new Uint8Array(info.pieceCount);
    const placement = openPlacement(disk, { info, geometry, location, count: 1, owners });
    for (let p = 0; p < info.pieceCount; p++) {
      const data = bytesOf(p).slice();
      if (p === spoilt) data[3] = (data[3] ?? 0) ^ 1;
      await placement.write(piece(p), data);
    }
    await placement.sync();
    await placement.close();
    const result = await assemble(
      { disk, hasher: new SimHasher() },
      {
        info,
        location,
        count: 1,
        owners,
        trusted: owners.map(() => trusted),
        wantedFiles: new Uint8Array(info.files.length).fill(1),
        replace: false,
      },
      () => undefined,
      new AbortController().signal,
    );
    return { disk, result };
  }

  test.each([0, 1])('has all files and nothing else; trusted: %d', async (trusted) => {
    const { disk, result } = await assembled(undefined, trusted);
    expect(result).toEqual({ files: stored.map(({ path }) => `/out/${path.join('/')}`) });
    for (const { path, offset, length } of stored)
      expect(disk.content(`/out/${path.join('/')}`)).toEqual(content.slice(offset, offset + length));
    expect(await disk.list('/out/t')).not.toContain('.pad');
  });

  test('names a piece that is wrong', async () => {
    expect((await assembled(3)).result).toEqual({ badPieces: [3] });
  });
});
