import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InfoHashV1, InfoHashV2, TorrentKey } from '../../base/ids.ts';
import { isSameTorrent, torrentId, type TorrentId } from '../../metainfo/torrent-id.ts';
import { TorrentsByHash } from './torrents-by-hash.ts';

const v1 = (n: number) => `${n}`.padStart(40, '0') as InfoHashV1;
const v2 = (n: number) => `${n}`.padStart(64, '0') as InfoHashV2;

const ids = fc
  .record({ one: fc.option(fc.nat(3)), two: fc.option(fc.nat(3)) })
  .filter(({ one, two }) => one !== null || two !== null)
  .map(({ one, two }) => torrentId({ ...(one !== null && { v1: v1(one) }), ...(two !== null && { v2: v2(two) }) }));

test('finds whom a look at all would find, also when more became known of one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, fc.option(ids))), ids, fc.nat(5), (list, wanted, gone) => {
      const index = new TorrentsByHash<{ key: TorrentKey; torrent: { id: TorrentId; info: object | undefined } }>();
      const all: { key: TorrentKey; torrent: { id: TorrentId; info: object | undefined } }[] = [];
      for (const [id, later] of list) {
        // As in the list of downloads, where none is of a torrent of which there is one.
        const grown = later !== null && isSameTorrent(id, later) ? { ...id, ...later, key: id.key } : id;
        if (all.some((one) => isSameTorrent(one.torrent.id, id) || isSameTorrent(one.torrent.id, grown))) continue;
        const one = { key: id.key, torrent: { id, info: later === null ? {} : undefined } };
        index.add(one);
        all.push(one);
        if (later !== null) Object.assign(one.torrent, { id: grown, info: {} });
      }
      for (const one of all.splice(gone, 1)) index.delete(one);
      // Of two that are both of one hybrid either may be found.
      const right = all.filter((one) => isSameTorrent(one.torrent.id, wanted));
      expect(right.length === 0 ? [undefined] : right).toContain(index.find(wanted));
    }),
    { numRuns: 1000 },
  );
});

test('of two hybrids that share an info-hash, one is found by it when the other is gone', () => {
  const [one, other] = [0, 1].map((n) => ({
    key: v2(n) as string as TorrentKey,
    torrent: { id: torrentId({ v1: v1(0), v2: v2(n) }, v2(n)), info: {} },
  }));
  const index = new TorrentsByHash<NonNullable<typeof one>>();
  for (const added of [one!, other!]) index.add(added);
  index.delete(other!);
  expect(index.find(torrentId({ v1: v1(0) }))).toBe(one);
});
