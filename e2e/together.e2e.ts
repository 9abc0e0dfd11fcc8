import { expect, it } from 'vitest';
import { bucketOf, ClaimServer } from './support/claim-server.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';
import { HUB, Wing } from './support/wing.ts';

const STRANGER = new URL('./support/stranger.mjs', import.meta.url).pathname;
const KIB = 1024;
const MIB = KIB * KIB;
const PAYLOAD = { 'shared/a.bin': 5 * MIB + 321, 'shared/empty': 0, 'shared/b/c.bin': MIB + 1 };
const LENGTH = 6 * MIB + 322;

interop('machines that fetch a torrent together', ['libtorrent', 'opentracker', 'nats', 'openssl'], true, () => {
  it('by `get` on each: over TLS, each piece once from the swarm, the whole on each machine, nothing to a stranger', () =>
    withScene({ payload: PAYLOAD, tracker: 'http' }, async (scene) => {
      const wings = await Wing.openAll(scene.lab, 4);
      try {
        const server = new ClaimServer(scene.lab, HUB, { tls: true });
        await server.start();
        const { torrent, folder, lab } = scene;
        const [seeder, ...machines] = wings;
        if (seeder === undefined) throw new Error('no machine for the seed');
        const seed = new Libtorrent(seeder, {
          role: 'seed',
          address: seeder.address,
          torrent,
          folder,
          uploadLimit: 900_000,
        });
        await seed.untilAnnounced();
        const runs = [];
        for (const [i, wing] of machines.entries()) {
          const out = await lab.makeFolder(`machine-${i}`);
          const args = ['get', torrent, '--common', server.url('film'), '-o', out, '--bind', wing.address];
          runs.push(new Ensemble(wing, [...args, '--timeout', '120'], server.environment));
        }
        for (const one of runs) await one.child.until(() => one.have > 5, 'its first pieces', 60);
        const asks = [process.execPath, STRANGER, server.url('film'), bucketOf('film', scene.infoHash), scene.infoHash];
        const secret = Object.entries(server.environment).map(([name, value]) => `${name}=${value}`);
        const asked = await lab.run(['env', ...secret, ...asks], 20);
        expect(asked.trim().split('\n')).toEqual(Array.from({ length: 2 * machines.length }, () => '401 0'));
        const done = [];
        for (const run of runs) done.push(await run.done(120));
        expect(done.reduce((sum, { downloaded }) => sum + downloaded, 0)).toBe(LENGTH);
        const whole = await treeOf(folder);
        for (const i of machines.keys()) expect(await treeOf(lab.path(`machine-${i}`))).toEqual(whole);
        const said = runs.map(({ child }) => child.output).join('\n');
        expect(said).not.toContain('p@ss');
        expect(said).not.toContain('p%40ss');
      } finally {
        for (const wing of wings) await wing.close();
      }
    }));
});
