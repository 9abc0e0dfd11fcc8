import { describe, expect, it } from 'vitest';
import { startAria2 } from '../core/lab/real/aria2.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { startKnownTransmissionSeed } from './support/clients.ts';
import { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

// Real clients without Ensemble: shows that the tools on which the other suites rely work on this machine.
interop('real clients', ['libtorrent', 'aria2', 'transmission', 'opentracker'], false, () => {
  describe.concurrent('download from each other over opentracker', () => {
    it.each(['http', 'udp'] as const)('libtorrent from libtorrent by %s', (tracker) =>
      withScene({ payload: PAYLOADS.multi, tracker }, async ({ lab, torrent, folder }) => {
        const seed = new Libtorrent(lab, {
          role: 'seed',
          address: seedAddress(),
          torrent,
          folder,
          uploadLimit: 4 << 20,
        });
        await seed.untilAnnounced();
        const out = await lab.makeFolder('out');
        const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent, folder: out });
        await leech.untilSeeding(30);
        await seed.child.until(() => seed.hasSeen(leechAddress(0)), 'the leecher', 5);
        // It reports its status only at intervals.
        await seed.child.until(() => (seed.status?.uploaded ?? 0) > 2_900_000, 'all of it told as uploaded', 5);
        await lab.clear();
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      }),
    );

    it('aria2 from Transmission', () =>
      withScene({ payload: PAYLOADS.single, tracker: 'http' }, async ({ lab, torrent, folder, infoHash }) => {
        // If the tracker does not know the seed when aria2 starts, aria2 announces again only after minutes.
        await startKnownTransmissionSeed(lab, { address: seedAddress(), torrent, folder }, trackerAddress, infoHash);
        const out = await lab.makeFolder('out');
        const aria2 = startAria2(lab, { address: leechAddress(0), torrent, folder: out });
        expect(await aria2.ends(60), aria2.output).toMatchObject({ code: 0 });
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      }));
  });

  it('have no way out of the lab', async () => {
    const lab = await Lab.open();
    try {
      await expect(lab.run(['ip', 'route', 'get', '192.0.2.1'], 5)).rejects.toThrow(/unreachable/);
    } finally {
      await lab.close();
    }
  });
});
