import { expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import type { InfoHashV1 } from '../../base/ids.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { foreignChanges } from './foreign-changes.ts';
import { testLocation } from '../testing/torrent.ts';

test('pieces of a large torrent that are nowhere are all named', async () => {
  const pieceCount = 500_000;
  const info = { infoHash: 'a'.repeat(40) as InfoHashV1, files: [] };
  const geometry = new Geometry({ ...info, pieceCount, pieceLength: 16_384, length: pieceCount * 16_384 });
  const have = new Bitfield(pieceCount);
  have.setAll();
  const found = await foreignChanges(new MemoryDisk(), {
    info,
    geometry,
    location: testLocation('parts'),
    owners: new Uint8Array(pieceCount),
    have,
    since: { modified: 0, changed: 0 },
    now: 0,
  });
  expect(found.pieces).toHaveLength(pieceCount);
  expect(found.files).toEqual(['/work/part-*.index']);
});
