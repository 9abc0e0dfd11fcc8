import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { LONG } from './support/chance.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

/** The newest of each line that people have. */
const VERSIONS = ['22.23.5', '24.22.3', '26.12.1'] as const;

const run = promisify(execFile);

/** Installs that version into a folder, as a package of npm; returns the path of its program. */
async function installNode(version: string, folder: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `${name}@${version}`]);
  return `${folder}/node_modules/${name}/bin/node`;
}

interop('a Node that is newer than the one of the build', ['libtorrent', 'opentracker'], true, () => {
  it.runIf(LONG).each(VERSIONS)('%s downloads, seeds and assembles', (version) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const node = await installNode(version, await lab.makeFolder('node'));
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      const addresses = ourAddresses(3);
      const bind = ['--bind', addresses.slice(0, 2).join()];
      await new Ensemble(lab, ['get', torrent, '-o', out, '-n', '2', '--layout', 'parts', ...bind], {}, node).done(60);
      await seed.child.stop();
      expect(await treeOf(out)).toEqual(await treeOf(folder));

      const ours = new Ensemble(lab, ['seed', torrent, out, '--bind', addresses.slice(0, 1).join()], {}, node);
      const again = await lab.makeFolder('again');
      await new Ensemble(lab, ['get', torrent, '-o', again, '--bind', addresses.slice(2).join()]).done(60);
      expect(await treeOf(again)).toEqual(await treeOf(folder));
      ours.child.signal('SIGINT');
      expect(await ours.exit(10)).toMatchObject({ code: 5 });
    }),
  );
});
