import { expect, it } from 'vitest';
import { Libtorrent } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, type Scene, seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const SECONDS = 60;
const MIB = 1024 * 1024;
/** Slow enough that every identity gets a share. */
const SEED_RATE = 2 * MIB;

type Version = 2 | 'hybrid';
type Layout = 'in-place' | 'parts' | 'pieces';

/** A link that names a torrent by its hash of version 1, of version 2, or by both. */
function magnetOf({ infoHash, v2, tracker }: Scene, by: 'v1' | 'v2' | 'both'): string {
  const topics = [by === 'v2' ? '' : `xt=urn:btih:${infoHash}`, by === 'v1' ? '' : `xt=urn:btmh:1220${v2}`];
  return `magnet:?${topics.filter((topic) => topic !== '').join('&')}&tr=${encodeURIComponent(tracker)}`;
}

/** What a download left of padding: none of a torrent of ours ever has any. */
const withoutPads = (tree: readonly string[]): string[] => tree.filter((row) => !row.includes('.pad/'));

/** Whether a seed of ours has announced each hash. */
const known = (ours: Ensemble): boolean => /"state":"working"/.test(JSON.stringify(ours.last('progress') ?? ''));

interop('version 2 and hybrids (BEP 52)', ['libtorrent', 'opentracker'], true, () => {
  it.each<readonly [Version, number, Layout]>([
    [2, 1, 'in-place'],
    [2, 4, 'parts'],
    [2, 4, 'pieces'],
    ['hybrid', 1, 'parts'],
    ['hybrid', 4, 'in-place'],
    ['hybrid', 1, 'pieces'],
  ])('are fetched from libtorrent: %s, K=%i, %s', (version, count, layout) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http', version }, async ({ lab, torrent, infoHash, folder }) => {
      const options = { torrent, folder, uploadLimit: SEED_RATE };
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), ...options });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      const args = ['get', torrent, '-o', out, '-n', String(count), '--layout', layout];
      const done = await new Ensemble(lab, [...args, '--bind', ourAddresses(count).join(','), '--timeout', '55']).done(
        SECONDS,
      );
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done).toMatchObject({ infoHash, duplicatePieces: 0, hashFailures: 0 });
      expect(done.identities).toHaveLength(count);
    }),
  );

  it.each<Version>([2, 'hybrid'])('are seeded to libtorrent, by torrent file and by link: %s', (version) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http', version }, async (scene) => {
      const { lab, torrent, folder } = scene;
      const ours = new Ensemble(lab, ['seed', torrent, folder, '--bind', ourAddresses(1).join()]);
      // A client that asks the tracker before we have told it of us asks again only much later.
      await ours.child.until(() => known(ours), 'a seed that the tracker knows', 20);
      const links = version === 2 ? (['v2'] as const) : (['v1', 'v2', 'both'] as const);
      const sources = [{ torrent }, ...links.map((by) => ({ magnet: magnetOf(scene, by) }))];
      const leeches: Libtorrent[] = [];
      for (const [i, source] of sources.entries()) {
        const into = await lab.makeFolder(`leech-${i}`);
        const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(i), ...source, folder: into });
        leeches.push(leech);
      }
      await Promise.all(leeches.map((leech) => leech.untilSeeding(SECONDS)));
      const whole = await treeOf(folder);
      for (const i of sources.keys()) expect(withoutPads(await treeOf(lab.path(`leech-${i}`)))).toEqual(whole);
      ours.child.signal('SIGINT');
      await ours.exit(10);
    }),
  );

  it.each<readonly [Version, 'v1' | 'v2' | 'both', number]>([
    [2, 'v2', 1],
    [2, 'v2', 4],
    ['hybrid', 'v1', 1],
    ['hybrid', 'v2', 4],
    ['hybrid', 'both', 1],
  ])('are fetched by a link: %s, by %s, K=%i', (version, by, count) =>
    withScene(
      {
        payload: { 'large/a.bin': 600 * 16_384 - 5, 'large/b.bin': 50_000 },
        tracker: 'http',
        version,
        pieceLength: 16_384,
      },
      async (scene) => {
        const { lab, torrent, folder } = scene;
        const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder });
        await seed.untilAnnounced();
        const out = await lab.makeFolder('out');
        const args = ['get', magnetOf(scene, by), '-o', out, '-n', String(count)];
        const bind = ourAddresses(count).join(',');
        const done = await new Ensemble(lab, [...args, '--bind', bind, '--timeout', '55']).done(SECONDS);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
      },
    ),
  );
});
