import { expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import type { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;

/** The identities of one download as processes that share nothing but their arguments. */
function startAlone(lab: Lab, torrent: string, count: number, more: (index: number) => readonly string[]): Ensemble[] {
  return ourAddresses(count).map((address, index) => {
    const which = ['--index', String(index), '--count', String(count), '--bind', address];
    return new Ensemble(lab, ['identity', torrent, ...which, '--timeout', '60', ...more(index)]);
  });
}

interop('identities in processes of their own', ['libtorrent', 'opentracker'], true, () => {
  it.each([
    ['rarest', 'pieces'],
    ['random', 'pieces'],
    ['fixed', 'parts'],
  ])('share a common directory, %s, %s; assemble joins what they left', (select, layout) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 2 * MIB });
      await seed.untilAnnounced();
      const common = await lab.makeFolder('common');
      const how = ['--select', select, '--layout', layout, '--common', common];
      const identities = startAlone(lab, torrent, 3, () => how);
      for (const identity of identities)
        expect(await identity.exit(70), identity.child.output).toMatchObject({ code: 0 });
      const out = await lab.makeFolder('out');
      const joined = await new Ensemble(lab, ['assemble', torrent, common, '-o', out]).exit(30);
      expect(joined.code).toBe(0);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
    }),
  );

  it('need no common directory with fixed ranges', () =>
    withScene({ payload: PAYLOADS.single, tracker: 'udp' }, async ({ lab, torrent, folder }) => {
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 4 * MIB });
      await seed.untilAnnounced();
      const parts = await Promise.all([0, 1, 2].map((index) => lab.makeFolder(`part-${index}`)));
      const identities = startAlone(lab, torrent, 3, (index) => ['--select', 'fixed', '-o', parts[index] ?? '']);
      for (const identity of identities)
        expect(await identity.exit(70), identity.child.output).toMatchObject({ code: 0 });
      const out = await lab.makeFolder('out');
      const joined = await new Ensemble(lab, ['assemble', torrent, ...parts, '-o', out]).exit(30);
      expect(joined.code).toBe(0);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
    }));

  it.each([1, 4])('go on after an interruption where they were, K=%i', (count) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const options = { role: 'seed', address: seedAddress(), torrent, folder } as const;
      const seed = new Libtorrent(lab, { ...options, uploadLimit: MIB / 2 });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      const bind = ourAddresses(count).join(',');
      const args = ['get', torrent, '-o', out, '-n', String(count), '--bind', bind, '--timeout', '60'];

      const first = new Ensemble(lab, args);
      await first.child.until(() => first.have >= 10, 'ten pieces', 40);
      first.child.signal('SIGINT');
      expect(await first.exit(10)).toEqual({ code: 5, signal: null });
      expect(await treeOf(out)).not.toEqual(await treeOf(folder));

      const total = Object.values<number>(PAYLOADS.multi).reduce((sum, length) => sum + length, 0);
      const done = await new Ensemble(lab, args).done(65);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done.hashFailures).toBe(0);
      // Minus the blocks that the end-game of the last pieces fetched twice.
      const fetched = done.downloaded - done.wasted;
      expect(fetched, JSON.stringify(done)).toBeLessThanOrEqual(total - 10 * 64 * 1024);
    }),
  );
});
