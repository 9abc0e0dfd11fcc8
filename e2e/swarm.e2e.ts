import { expect, it } from 'vitest';
import { startAria2 } from '../core/lab/real/aria2.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;

interop('ensemble in a swarm', ['libtorrent', 'aria2', 'opentracker'], true, () => {
  it('gives as well as it takes: two seeds, six leechers and four identities, all finish', () =>
    withScene({ payload: { 'swarm.bin': 8 * MIB + 321 }, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const seeds = [0, 1].map(
        (i) => new Libtorrent(lab, { role: 'seed', address: seedAddress(i), torrent, folder, uploadLimit: MIB }),
      );
      await Promise.all(seeds.map((seed) => seed.untilAnnounced()));
      const leechers = await Promise.all(
        Array.from({ length: 6 }, async (_, i) => {
          const into = await lab.makeFolder(`leech-${i}`);
          const leech = {
            role: 'leech',
            address: leechAddress(i),
            torrent,
            folder: into,
            uploadLimit: MIB / 2,
          } as const;
          return { into, client: new Libtorrent(lab, leech) };
        }),
      );
      const out = await lab.makeFolder('out');
      const ours = ourAddresses(4);
      const args = ['get', torrent, '-o', out, '-n', '4', '--share', '--bind', ours.join(','), '--timeout', '85'];
      const done = await new Ensemble(lab, args).done(90);
      await Promise.all(leechers.map(({ client }) => client.untilSeeding(60)));

      const whole = await treeOf(folder);
      expect(await treeOf(out)).toEqual(whole);
      expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
      expect(done.uploaded).toBeGreaterThan(0);
      const seen = leechers.flatMap(({ client }) => client.status?.seen ?? []);
      const fromUs = seen.filter(({ host }) => ours.includes(host)).reduce((sum, peer) => sum + peer.downloaded, 0);
      expect(fromUs, 'bytes that the leechers had from us').toBeGreaterThan(0);
      await lab.clear();
      for (const { into } of leechers) expect(await treeOf(into)).toEqual(whole);
    }));

  // By HTTP, as this version of aria2 uses UDP trackers only if its DHT is on.
  it('seeds to libtorrent and to aria2', () =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const seed = new Ensemble(lab, ['seed', torrent, folder, '--bind', seedAddress()]);
      const into = await lab.makeFolder('libtorrent');
      const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent, folder: into });
      const other = await lab.makeFolder('aria2');
      const aria2 = startAria2(lab, { address: leechAddress(1), torrent, folder: other });
      await leech.untilSeeding(60);
      expect(await aria2.ends(60), aria2.output).toMatchObject({ code: 0 });
      expect(leech.status?.failed).toBe(0);

      seed.child.signal('SIGINT');
      expect(await seed.exit(10)).toEqual({ code: 5, signal: null });
      await lab.clear();
      const whole = await treeOf(folder);
      expect([await treeOf(into), await treeOf(other)]).toEqual([whole, whole]);
    }));

  it.each([
    ['a tracker', 1],
    ['a tracker', 4],
    ['a peer', 1],
    ['a peer', 4],
  ])('fetches from a magnet link that names %s, K=%i', (named, count) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder, infoHash, tracker }) => {
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 2 * MIB });
      await seed.untilAnnounced();
      const where = named === 'a peer' ? `x.pe=${seedAddress()}:6881` : `tr=${encodeURIComponent(tracker)}`;
      const out = await lab.makeFolder('out');
      const magnet = `magnet:?xt=urn:btih:${infoHash}&${where}`;
      const bind = ourAddresses(count).join(',');
      const args = ['get', magnet, '-o', out, '-n', String(count), '--bind', bind, '--timeout', '60'];
      const done = await new Ensemble(lab, args).done(65);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done).toMatchObject({ infoHash, duplicatePieces: 0, hashFailures: 0 });
    }),
  );
});
