import { readdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Ensemble } from './support/ensemble.ts';
import { kill } from './support/processes.ts';
import { interop } from './support/requirements.ts';
import { seedAddress, withScene } from './support/scene.ts';
import type { Scene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';
import { Wing } from './support/wing.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const COUNT = 3;
/** The lease: short enough for a test, long enough for a busy machine. */
const LEASE = 4;

const PAYLOAD = { 'shared/a.bin': 3 * MIB + 321, 'shared/empty': 0, 'shared/b/c.bin': MIB + 1 };

/** What all identities of a common directory agree on, with a short lease. */
async function layFolder(scene: Scene, layout: string, selection: string): Promise<string> {
  const common = await scene.lab.makeFolder('common');
  const manifest = { version: 1, infoHash: scene.infoHash, count: COUNT, layout, selection, leaseSeconds: LEASE };
  await writeFile(`${common}/manifest.json`, JSON.stringify(manifest));
  return common;
}

function identity(scene: Scene, wing: Wing, index: number, layout: string, select: string): Ensemble {
  const common = ['--common', scene.lab.path('common'), '--layout', layout, '--select', select];
  const which = ['--index', String(index), '--count', String(COUNT), '--bind', wing.address, '--timeout', '90'];
  const takeOver = select === 'fixed' ? ['--take-over'] : [];
  return new Ensemble(wing, ['identity', scene.torrent, ...which, ...common, ...takeOver]);
}

async function expectJoined({ lab, torrent, folder }: Scene): Promise<void> {
  const out = await lab.makeFolder('out');
  const assemble = new Ensemble(lab, ['assemble', torrent, lab.path('common'), '-o', out]);
  expect(await assemble.exit(30), assemble.child.output).toMatchObject({ code: 0 });
  expect(await treeOf(out)).toEqual(await treeOf(folder));
}

const claims = async ({ lab }: Scene): Promise<number> =>
  (await readdir(lab.path('common', 'claims')).catch(() => [])).length;

/** A seed, and three machines whose identities have nothing in common but a folder. */
async function withMachines(
  layout: string,
  select: string,
  play: (scene: Scene, identities: Ensemble[]) => Promise<void>,
): Promise<void> {
  await withScene({ payload: PAYLOAD, tracker: 'http' }, async (scene) => {
    const { lab, torrent, folder } = scene;
    await layFolder(scene, layout, select);
    const wings = await Wing.openAll(lab, COUNT);
    try {
      // The seed is Ensemble: where there are other interfaces, libtorrent stops listening on addresses of the loopback device.
      const seed = new Ensemble(lab, [
        'seed',
        torrent,
        folder,
        '--bind',
        seedAddress(),
        '--port',
        '6881',
        '--up',
        '600K',
      ]);
      await seed.child.until(() => seed.last('progress')?.['state'] === 'seeding', 'the seed', 30);
      const identities = wings.map((wing, index) => identity(scene, wing, index, layout, select));
      await play(scene, identities);
    } finally {
      for (const wing of wings) await wing.close();
    }
  });
}

interop('a common directory of several machines', ['libtorrent', 'opentracker'], true, () => {
  it.concurrent.each([
    ['rarest', 'pieces'],
    ['random', 'parts'],
    ['fixed', 'in-place'],
  ])('%s, %s: one is killed, and the others finish its share', (select, layout) =>
    withMachines(layout, select, async (scene, identities) => {
      const [first, ...others] = identities;
      for (let tries = 0; (await claims(scene)) < 9; tries++) {
        if (tries > 600) throw new Error(`nothing is claimed\n${first?.child.output}`);
        await sleep(50);
      }
      await sleep(1000);
      if (first !== undefined) kill(first.child.pid);
      for (const one of others) expect(await one.exit(100), one.child.output).toMatchObject({ code: 0 });
      await expectJoined(scene);
    }),
  );

  it.concurrent.each([
    ['rarest', 'in-place'],
    ['random', 'pieces'],
    ['fixed', 'parts'],
  ])('%s, %s: one sleeps for longer than its lease, and wakes again', (select, layout) =>
    withMachines(layout, select, async (scene, identities) => {
      const [first] = identities;
      for (let tries = 0; (await claims(scene)) < 9; tries++) {
        if (tries > 600) throw new Error(`nothing is claimed\n${first?.child.output}`);
        await sleep(50);
      }
      await sleep(500);
      first?.child.signal('SIGSTOP');
      await sleep((LEASE + 2) * 1000);
      first?.child.signal('SIGCONT');
      for (const one of identities) expect(await one.exit(100), one.child.output).toMatchObject({ code: 0 });
      await expectJoined(scene);
    }),
  );
});
