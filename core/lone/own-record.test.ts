import { expect, test } from 'vitest';
import { identityIndex, piece } from '../base/ids.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { loadState } from '../store/records/state.ts';
import { testLocation, testTorrent } from '../store/testing/torrent.ts';
import { OwnRecord } from './own-record.ts';

const { info } = testTorrent([20_000], 4096);
const own = identityIndex(1);
const nobody = (): number => 0;
const setup = { identity: own, location: testLocation('in-place', 1) } as DownloadSetup;
const verified = (p: number, late = false) => ({ piece: piece(p), from: [], seconds: 1, late });
const news = (p: number, identity: number) => ({ piece: piece(p), identity: identityIndex(identity), present: false });

test('own pieces are kept for the next run, those that are not yet synced as in doubt', async () => {
  const record = new OwnRecord(setup, info);
  record.verified([verified(0), verified(2), verified(3, true)]);
  record.synced(Uint32Array.of(0));
  record.present(Uint32Array.of(1), Uint8Array.of(0));
  // A piece that a sibling had first is not its own.
  expect(record.ledger.fetchedBy(own)).toBe(2);
  const disk = new MemoryDisk();
  await record.save(disk, { begun: [], totals: { downloaded: 9, uploaded: 3, wasted: 0 } });
  const at = { workFolder: setup.location.workFolder, infoHash: info.infoHash, pieceCount: info.pieceCount };
  const saved = await loadState(disk, { ...at, identity: own });
  // But it lies here all the same.
  expect([...saved.have.indexes()]).toEqual([0, 2, 3]);
  expect([...saved.owners].slice(0, 4)).toEqual([1, 0, 1, 1]);
  expect(saved).toMatchObject({ downloaded: 9, uploaded: 3 });
});

test('what a sibling lost is missing only where nobody else has it', () => {
  const record = new OwnRecord(setup, info);
  record.present(Uint32Array.of(1, 2), Uint8Array.of(0, 2));
  expect(record.lost([news(1, 0), news(2, 0), news(3, 0)], nobody)).toEqual([1]);
  expect(record.lost([news(1, 0)], nobody)).toEqual([]);
  expect(record.lost([news(2, 2)], () => 0b1000)).toEqual([]);
  expect(record.ledger.fetchedBy(3)).toBe(1);
});

test('a piece that two verified is one piece, of whoever said so first', () => {
  const record = new OwnRecord(setup, info);
  record.verified([verified(1)]);
  record.present(Uint32Array.of(1), Uint8Array.of(2));
  const { ledger } = record;
  expect([ledger.pieces.have, ledger.fetchedBy(own), ledger.fetchedBy(2)]).toEqual([1, 1, 0]);
  expect(record.lost([news(1, 2)], nobody)).toEqual([]);
});
