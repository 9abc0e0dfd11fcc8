import { expect, it } from 'vitest';
import { figure } from '../core/sim/acceptance.ts';
import { LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
const SIZE = 4 * MIB + 77;
const LEECHERS = 4;

interop('super-seeding', ['libtorrent', 'opentracker'], true, () => {
  it.skipIf(!LONG)('four libtorrents have it all in the end, from each other for the most part', (test) =>
    withScene({ payload: { 'shown.bin': SIZE }, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const [ours = ''] = ourAddresses(1);
      const seed = new Ensemble(lab, [
        'seed',
        torrent,
        folder,
        '--bind',
        ours,
        '--super-seeding',
        '--up',
        '600K',
        '--no-lsd',
      ]);
      await seed.child.until(() => seed.last('progress')?.['state'] === 'seeding', 'a seed', 30);
      const leechers = await Promise.all(
        Array.from({ length: LEECHERS }, async (_, i) => {
          const into = await lab.makeFolder(`leech-${i}`);
          return {
            into,
            peer: new Libtorrent(lab, { role: 'leech', address: leechAddress(i), torrent, folder: into }),
          };
        }),
      );
      for (const { peer } of leechers) await peer.child.until(() => peer.status?.seeding === true, 'the whole', 90);
      for (const { into } of leechers) expect(await treeOf(into)).toEqual(await treeOf(folder));
      const fromUs = leechers.map(({ peer }) =>
        (peer.status?.seen ?? []).filter(({ host }) => host === ours).reduce((sum, one) => sum + one.downloaded, 0),
      );
      const copies = fromUs.reduce((sum, bytes) => sum + bytes, 0) / SIZE;
      figure(test, 'copies uploaded to four libtorrents', copies);
      expect(copies).toBeGreaterThan(0.95);
      expect(copies).toBeLessThan(1.5);
    }),
  );
});
