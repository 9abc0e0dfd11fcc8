import { expect, test } from 'vitest';
import { identityIndex, piece } from '../base/ids.ts';
import type { ClaimStore } from '../claims/claim-store.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { Journal, JournalKind, journalPath } from '../store/records/journal.ts';
import { openPieceStore } from '../store/piece-store.ts';
import { loadState } from '../store/records/state.ts';
import { testLocation, testTorrent } from '../store/testing/torrent.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { withProgress } from './progress.ts';
import type { LonePorts } from './setup.ts';

const torrent = testTorrent([20_000, 90_000], 16_384);
const { info } = torrent;
const options = ordinaryOptions('/out', { identities: 2, layout: 'parts' });

test('after an unclean end own pieces in doubt are read again, and siblings´ are theirs to clear', async () => {
  const disk = new MemoryDisk();
  const write = async (who: number, pieces: readonly number[], wrong: number): Promise<void> => {
    const store = await openPieceStore({ disk }, { ...torrent, location: testLocation('parts', who), count: 2 });
    for (const p of pieces) {
      await store.writePiece(piece(p), p === wrong ? torrent.piece(p).map((byte) => byte ^ 1) : torrent.piece(p));
      await store.recordVerified(piece(p));
    }
    await store.close();
  };
  await write(0, [0, 1], 1);
  await write(1, [2, 3], 3);
  // What was lost is somebody else's to fetch, or our own.
  await new Journal(disk, journalPath('/work', identityIndex(1)), info.infoHash).append(JournalKind.lost, [piece(2)]);

  const ports = { disk, hasher: new SimHasher(), clock: new VirtualClock() } as unknown as LonePorts;
  const setup = { identity: identityIndex(0), count: 2, location: testLocation('parts', 0) } as DownloadSetup;
  const store = {} as ClaimStore; // Its records speak for all that there is.
  const found = await withProgress(ports, { setup, info, options, store, warn: () => {} });
  const { present, open } = PieceShare;
  expect([...(found.shares ?? [])].slice(0, 4)).toEqual([present, open, open, present]);
  expect(found.owners?.[0]).toBe(0);
  // The record says so too, for the siblings and the next start.
  const at = { workFolder: '/work', infoHash: info.infoHash, pieceCount: info.pieceCount };
  expect([...(await loadState(disk, at)).have.indexes()]).toEqual([0, 3]);
});
