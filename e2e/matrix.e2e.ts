import { describe, expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { startKnownTransmissionSeed } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import type { TrackerKind } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';
import type { PayloadName } from './support/trees.ts';

const SECONDS = 75;
/** Slow enough that every identity gets a share, even if the last of four processes needs a second to start. */
const SEED_RATE = 1 << 20;

/** Tracker, identities, selection, layout, sharing, payload. The rows hold every pair of values, not the full product. */
type Row = readonly [
  TrackerKind,
  number,
  'rarest' | 'random' | 'fixed',
  'in-place' | 'parts' | 'pieces',
  'share' | 'no-share',
  PayloadName,
];

const FROM_LIBTORRENT: readonly Row[] = [
  ['http', 1, 'rarest', 'in-place', 'share', 'single'],
  ['udp', 1, 'rarest', 'parts', 'share', 'multi'],
  ['udp', 1, 'random', 'pieces', 'no-share', 'tiny'],
  ['http', 4, 'rarest', 'in-place', 'share', 'multi'],
  ['udp', 4, 'rarest', 'parts', 'no-share', 'single'],
  ['http', 4, 'rarest', 'pieces', 'share', 'multi'],
  ['udp', 4, 'random', 'in-place', 'no-share', 'multi'],
  ['http', 4, 'random', 'parts', 'share', 'multi'],
  ['udp', 4, 'random', 'pieces', 'share', 'single'],
  ['http', 4, 'fixed', 'in-place', 'share', 'single'],
  ['udp', 4, 'fixed', 'parts', 'share', 'multi'],
  ['http', 4, 'fixed', 'pieces', 'no-share', 'multi'],
  ['http', 4, 'rarest', 'in-place', 'share', 'tiny'],
];

const FROM_TRANSMISSION: readonly Row[] = [
  ['http', 1, 'rarest', 'in-place', 'share', 'multi'],
  ['udp', 4, 'rarest', 'in-place', 'share', 'single'],
  ['http', 4, 'fixed', 'parts', 'no-share', 'multi'],
];

/** The command-line arguments for a row. */
function getArgs([, count, select, layout, sharing]: Row, torrent: string, out: string): string[] {
  const args = ['get', torrent, '-o', out, '-n', String(count), '--select', select, '--layout', layout];
  if (sharing === 'no-share') args.push('--no-share');
  return [...args, '--bind', ourAddresses(count).join(','), '--timeout', String(SECONDS - 5)];
}

interop('ensemble get', ['libtorrent', 'opentracker'], true, () => {
  it.each(FROM_LIBTORRENT)('from libtorrent: %s, K=%i, %s, %s, %s, %s', async (...row) => {
    const [tracker, count, , , , payload] = row;
    await withScene({ payload: PAYLOADS[payload], tracker }, async ({ lab, torrent, infoHash, folder }) => {
      const seed = new Libtorrent(lab, {
        role: 'seed',
        address: seedAddress(),
        torrent,
        folder,
        uploadLimit: SEED_RATE,
      });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      const done = await new Ensemble(lab, getArgs(row, torrent, out)).done(SECONDS);

      expect(await treeOf(out)).toEqual(await treeOf(folder));
      const total = Object.values<number>(PAYLOADS[payload]).reduce((sum, length) => sum + length, 0);
      const pieceCount = Math.ceil(total / (64 * 1024));
      expect(done).toMatchObject({ infoHash, duplicatePieces: 0, hashFailures: 0 });
      expect(done.identities).toHaveLength(count);
      expect(done.identities.reduce((sum, { pieces }) => sum + pieces, 0)).toBe(pieceCount);

      // An identity that starts when little is left has nothing to fetch, and may leave before it has dialled anybody.
      const working = done.identities.filter(({ pieces }) => pieces > 0).length;
      if (pieceCount > count) expect(working).toBeGreaterThanOrEqual(Math.min(2, count));
      const ours = () => (seed.status?.seen ?? []).filter(({ host }) => ourAddresses(count).includes(host));
      const hosts = (): number => new Set(ours().map(({ host }) => host)).size;
      await seed.child.until(() => hosts() >= working, 'each identity', 5);
      const ids = [...new Set(ours().map(({ id }) => id))];
      expect(ids.length, 'peer ids').toBe(hosts());
      expect(
        ids.filter((id) => !id.startsWith('2d454e')),
        'peer ids that do not begin with -EN',
      ).toEqual([]);
      // Before the extension handshake libtorrent knows a peer by its peer id alone, and we may have looked only then. With
      // peers that have fetched something the handshake is complete.
      const fetchers = ours().filter(({ uploaded }) => uploaded > 0);
      expect(fetchers.filter(({ client }) => !/^ensemble/i.test(client))).toEqual([]);
    });
  });

  it('with four identities behind one address', () =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const options = { torrent, folder, uploadLimit: SEED_RATE };
      const seeds = [0, 1].map((i) => new Libtorrent(lab, { role: 'seed', address: seedAddress(i), ...options }));
      await Promise.all(seeds.map((seed) => seed.untilAnnounced()));
      const out = await lab.makeFolder('out');
      const args = ['get', torrent, '-o', out, '-n', '4', '--bind', ourAddresses(1).join(), '--timeout', '70'];
      const done = await new Ensemble(lab, args).done(SECONDS);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
    }));
});

interop('ensemble get from Transmission', ['libtorrent', 'transmission', 'opentracker'], true, () => {
  // All at the same time, as Transmission spends most of it waiting for its next unchoke round.
  describe.concurrent('over opentracker', () => {
    it.each(FROM_TRANSMISSION)('%s, K=%i, %s, %s, %s, %s', async (...row) => {
      const [tracker, count, , , , payload] = row;
      await withScene({ payload: PAYLOADS[payload], tracker }, async ({ lab, torrent, infoHash, folder }) => {
        await startKnownTransmissionSeed(lab, { address: seedAddress(), torrent, folder }, trackerAddress, infoHash);
        const out = await lab.makeFolder('out');
        const done = await new Ensemble(lab, getArgs(row, torrent, out)).done(SECONDS);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
        expect(done.identities).toHaveLength(count);
      });
    });
  });
});
