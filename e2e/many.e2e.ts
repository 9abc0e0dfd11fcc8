import { expect, it } from 'vitest';
import type { ManyDownloads, ManyStates } from './drivers/many-downloads.ts';
import { bundleDriver } from './support/bundle.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, startOpentracker } from './support/clients.ts';
import { Lab } from './support/lab.ts';
import { processesBelow } from './support/processes.ts';
import { BUILD, interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress, trackerAddress } from './support/scene.ts';
import { makeSmallTorrent } from './support/torrent-files.ts';
import { makePayload, treeOf } from './support/trees.ts';

const COUNT = 50;
const NAMES = Array.from({ length: COUNT }, (_, i) => `many-${i}.bin`);

interop('fifty torrents in one coordinator', ['libtorrent', 'opentracker'], true, () => {
  it.each([1, 2])('with K=%i take so many identity processes, all finish, all seed', async (identities) => {
    const lab = await Lab.open();
    try {
      const folder = await lab.makeFolder('payload');
      await makePayload(folder, Object.fromEntries(NAMES.map((name, i) => [name, 150_000 + 1000 * i])));
      const tracker = httpTracker(trackerAddress);
      const made = await Promise.all(NAMES.map((name) => makeSmallTorrent(folder, name, 32 * 1024, tracker)));
      await startOpentracker(
        lab,
        trackerAddress,
        made.map(({ infoHash }) => infoHash),
      );
      const [first, ...more] = made;
      const seed = { role: 'seed', address: seedAddress(), folder, torrent: first?.torrent ?? '' } as const;
      const settings = { active_seeds: COUNT, active_limit: 2 * COUNT };
      const seeder = new Libtorrent(lab, { ...seed, more: more.map(({ torrent }) => torrent), settings });
      await seeder.child.until(() => seeder.announces >= COUNT, 'all announces', 30);

      const output = await lab.makeFolder('out');
      const torrents = made.map(({ torrent }) => torrent);
      const what: ManyDownloads = { build: BUILD, torrents, output, identities, bind: ourAddresses(identities) };
      const script = await bundleDriver(lab, 'many-downloads');
      let states: ManyStates = {};
      let most = 0;
      const driver = lab.start('many downloads', [process.execPath, script, JSON.stringify(what)], {
        endsByInput: true,
        onLine: (line) => {
          if (line.startsWith('{')) states = JSON.parse(line) as ManyStates;
          const running = processesBelow(driver.pid).filter(({ kind }) => kind === 'identity');
          most = Math.max(most, running.length);
        },
      });
      await driver.until(() => states['seeding'] === COUNT, 'all of them to seed', 90);
      expect(most).toBe(identities);
      expect(await treeOf(output)).toEqual(await treeOf(folder));

      // One of the torrents is downloaded, and we are the only seed.
      await seeder.child.stop();
      const into = await lab.makeFolder('into');
      const one = made[17]?.torrent ?? '';
      const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent: one, folder: into });
      await leech.untilSeeding(30);
      await driver.stop();
      await lab.clear();
      expect(await treeOf(into)).toEqual((await treeOf(folder)).filter((row) => row.startsWith(`${NAMES[17]} `)));
    } finally {
      await lab.close();
    }
  });
});
