import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { figure } from '../core/sim/acceptance.ts';
import { LONG } from './support/chance.ts';
import { Ensemble } from './support/ensemble.ts';
import { processesBelow } from './support/processes.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
const COUNT = 2;
const TARGETS = ['all of it', 'the program', 'identity 0', 'identity 1', 'the worker'] as const;
/** Seconds of sleep. The coordinator ends an identity that has not answered for ten. */
const SPANS = LONG ? [5, 20, 60] : [13];

type Target = (typeof TARGETS)[number];

const cases = SPANS.flatMap((span) => TARGETS.map((target) => [target, span] as const));

/** The processes to be stopped, once they are there. */
async function chosen(ensemble: Ensemble, target: Target): Promise<number[]> {
  const { pid } = ensemble.child;
  if (target === 'the worker') {
    for (let tries = 0; tries < 24_000 && !ensemble.child.ended; tries++) {
      const worker = processesBelow(pid).find(({ kind }) => kind === 'worker');
      if (worker !== undefined) return [worker.pid];
      await sleep(5);
    }
    throw new Error(`there was no worker\n${ensemble.child.output}`);
  }
  await ensemble.child.until(() => ensemble.have >= 10, 'ten pieces', 60);
  const identities = processesBelow(pid).map((one) => one.pid);
  expect(identities).toHaveLength(COUNT);
  if (target === 'all of it') return [pid, ...identities];
  if (target === 'the program') return [pid];
  return identities.slice(target === 'identity 0' ? 0 : 1).slice(0, 1);
}

interop('SIGSTOP and SIGCONT', ['libtorrent', 'opentracker'], true, () => {
  // All at the same time, as each mostly waits.
  describe.concurrent('amid a download', () => {
    it.for(cases)('%s is stopped for %i s, and goes on', async ([target, span], test) => {
      const payload = { 'asleep/a.bin': 8 * MIB + 12_345, 'asleep/b.bin': 1, 'asleep/c/d.bin': MIB + 77 };
      await withScene({ payload, tracker: 'http' }, async ({ lab, torrent, folder }) => {
        const where = ['--bind', seedAddress(), '--port', '6881', '--up', '1M'];
        const seed = new Ensemble(lab, ['seed', torrent, folder, ...where]);
        await seed.child.until(() => seed.last('progress')?.['state'] === 'seeding', 'the seed', 30);
        const out = await lab.makeFolder('out');
        const how = ['-n', String(COUNT), '--bind', ourAddresses(COUNT).join(','), '--layout', 'parts'];
        const ensemble = new Ensemble(lab, ['get', torrent, '-o', out, ...how, '--peer', `${seedAddress()}:6881`]);
        const pids = await chosen(ensemble, target);
        const before = processesBelow(ensemble.child.pid);
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        await sleep(span * 1000);
        for (const pid of pids) {
          // The coordinator has ended a process that did not answer, unless it was stopped itself.
          if (processesBelow(ensemble.child.pid).some((one) => one.pid === pid) || pid === ensemble.child.pid) {
            process.kill(pid, 'SIGCONT');
          }
        }
        await sleep(1000);
        const after = processesBelow(ensemble.child.pid).map(({ pid }) => pid);
        const done = await ensemble.done(120);
        expect(done.hashFailures).toBe(0);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        const healthy = target === 'all of it' || target === 'the program' || span < 10;
        if (healthy) {
          expect(ensemble.child.output).not.toMatch(/not answered/);
          // An identity that has done its share may have left.
          const stayed = before.filter(({ kind, pid }) => kind === 'identity' && after.includes(pid));
          if (target !== 'the worker') expect(stayed.length, ensemble.child.output).toBeGreaterThan(0);
        }
        figure(test, `${target} stopped for ${span} s: done, no wrong byte`);
      });
    });
  });
});
