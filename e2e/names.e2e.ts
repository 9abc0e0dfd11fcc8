import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import { wrapInfo } from '../core/metainfo/wrap-info.ts';
import { Capture } from './support/capture.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { address } from './support/lab.ts';
import { withNameServer } from './support/name-server.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const nameServer = address(30);
/** An address of the tracker's name where nobody is. */
const nobody = address(33);

// Invariant 8, for questions to name servers, and for trackers with several addresses.
interop('a tracker that is known by its name', ['libtorrent', 'opentracker', 'tcpdump'], true, () => {
  it.concurrent.each(['http', 'udp'] as const)('is found by each identity from its own address alone: %s', (kind) =>
    withScene({ payload: { 'named.bin': 3_000_000 }, tracker: kind }, async ({ lab, tracker, torrent, folder }) => {
      const machine = await withNameServer(lab, nameServer, [nobody, trackerAddress]);
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder });
      await seed.untilAnnounced();
      const named = lab.path('named.torrent');
      const { info } = parseTorrent(await readFile(torrent));
      await writeFile(named, wrapInfo(info, [[tracker.replace(trackerAddress, 'tracker.test')]]));

      const capture = await Capture.start(lab, 128);
      const ours = ourAddresses(2);
      const out = await lab.makeFolder('out');
      const args = ['get', named, '-o', out, '-n', '2', '--identity-down', '400K', '--bind', ours.join()];
      await new Ensemble(machine, args).done(70);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      const packets = await capture.stop();
      const asked = packets.filter(({ to, toPort }) => to === nameServer && toPort === 53);
      expect(new Set(asked.map(({ from }) => from))).toEqual(new Set(ours));
      const known = [...ours, seedAddress(), trackerAddress, nameServer, nobody];
      const strange = packets.filter(({ from }) => !known.includes(from));
      expect(strange.map(({ protocol, from, to }) => `${protocol} ${from} > ${to}`)).toEqual([]);
    }),
  );
});
