import { expect, it } from 'vitest';
import { Capture } from './support/capture.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { dhtAddress, dhtAddress6, makePrivateTorrent, fetches, startDhtSeed, withDht } from './support/dht.ts';
import { inDht } from './support/dht-clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';
import { until } from './support/until.ts';

/** The nodes have the first addresses; seeds and leechers, and then ours, have later ones. */
const OTHER = 32;
const OURS = 40;
const ours = (count: number): string[] => Array.from({ length: count }, (_, i) => dhtAddress(OURS + i));

interop('the DHT', ['libtorrent', 'tcpdump'], true, () => {
  it('leads from a magnet link that names nobody to the files; later also where the first nodes are gone', () =>
    withDht({ payload: PAYLOADS.multi, count: 8 }, async (scene) => {
      await startDhtSeed(scene, dhtAddress(OTHER));
      await fetches(scene, ours(1), scene.bootstrap);
      // Nobody is there: what the first run kept has to do.
      await fetches(scene, ours(1), `${dhtAddress(59)}:1`);
    }));

  it('serves four identities, each by its own address and by no other', () =>
    withDht({ payload: PAYLOADS.multi, count: 8 }, async (scene) => {
      await startDhtSeed(scene, dhtAddress(OTHER));
      const capture = await Capture.start(scene.lab);
      await fetches(scene, ours(4), scene.bootstrap);
      const packets = await capture.stop();
      const others = [...Array.from({ length: 8 }, (_, i) => dhtAddress(i)), dhtAddress(OTHER)];
      // The last identities may have nothing left to do.
      const from = packets.filter(({ protocol }) => protocol !== 'other').map((packet) => packet.from);
      const sent = [...new Set(from)].filter((host) => !others.includes(host));
      expect(ours(4)).toEqual(expect.arrayContaining(sent));
      const udp = new Set(packets.filter(({ protocol }) => protocol === 'udp').map((packet) => packet.from));
      expect(sent.filter((host) => udp.has(host)).length).toBeGreaterThan(1);
    }));

  it('works by IPv6 alone', () =>
    withDht({ payload: PAYLOADS.multi, count: 8, ipv6: true }, async (scene) => {
      await startDhtSeed(scene, dhtAddress6(OTHER));
      await fetches(scene, [dhtAddress6(OURS)], scene.bootstrap);
    }));

  it('tells others of us: libtorrent finds what we seed', () =>
    withDht({ payload: PAYLOADS.multi, count: 8 }, async ({ lab, torrent, magnet, folder, bootstrap }) => {
      const [bind = ''] = ours(1);
      new Ensemble(lab, ['seed', torrent, folder, '--bind', bind, '--dht-bootstrap', bootstrap]);
      const into = await lab.makeFolder('leech');
      const settings = inDht(bootstrap);
      const address = dhtAddress(OTHER);
      const leech = new Libtorrent(lab, { role: 'leech', address, magnet, folder: into, settings });
      await leech.untilSeeding(50);
      await lab.clear();
      expect(await treeOf(into)).toEqual(await treeOf(folder));
    }));

  it('hears nothing of a private torrent', () =>
    withDht({ payload: PAYLOADS.multi, count: 8 }, async (scene) => {
      const { lab, bootstrap } = scene;
      const [bind = ''] = ours(1);
      const { torrent, folder } = await makePrivateTorrent(scene);
      const capture = await Capture.start(lab, 200);
      // In plain text, so that the capture can be read.
      const ways = ['--port', '7000', '--dht-bootstrap', bootstrap, '--encryption', 'off'];
      const seed = new Ensemble(lab, ['seed', torrent, folder, '--bind', bind, ...ways]);
      await seed.child.until(() => seed.last('progress')?.['state'] === 'seeding', 'our seed', 20);
      const into = await lab.makeFolder('leech');
      const leech = new Libtorrent(lab, { role: 'leech', address: dhtAddress(OTHER), torrent, folder: into });
      await leech.child.until(() => leech.status !== undefined, 'a leech', 20);
      await until('the whole torrent', () => {
        leech.connect(bind, 7000);
        return Promise.resolve(leech.status?.seeding);
      });
      const packets = (await capture.stop()).filter(({ from }) => from === bind);
      expect(packets.filter(({ protocol }) => protocol === 'udp')).toEqual([]);
      const greeting = packets.find(({ payload }) => payload.includes('BitTorrent protocol'))?.payload;
      const reserved = greeting?.subarray(greeting.indexOf('BitTorrent protocol') + 19);
      expect([reserved?.length !== undefined, (reserved?.[7] ?? 1) & 1]).toEqual([true, 0]);
    }));
});
