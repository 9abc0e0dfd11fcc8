import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { coordinatorOf } from '../lib/coordinators.ts';
import { addressOf, IDENTITIES_FROM } from '../lib/addresses.ts';
import type { Bench, Case } from '../lib/bench.ts';
import { start } from '../lib/child.ts';
import { memoryOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { loopbackSwarm } from './loopback-swarm.ts';

/** What each further identity costs. */
export const scale: Case = {
  name: 'scale',
  title: 'one download by 1 to 32 identities, each with an address of its own',
  metrics: [
    { name: 'start', unit: 's', digits: 2 },
    { name: 'wall', unit: 's', digits: 2 },
    { name: 'coordinator CPU', unit: 's', digits: 2 },
    { name: 'messages', unit: 'a piece', digits: 2 },
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'identity', unit: 'MiB each', digits: 0 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 512;
    const pieceKib = bench.options.pieces?.[0] ?? 256;
    const swarm = await loopbackSwarm(bench, { mib, pieceKib });
    const pieces = (mib * 1024) / pieceKib;
    const group = `${mib} MiB, pieces of ${pieceKib} KiB`;
    const subjects = bench.options.builds.flatMap(({ name, dist }) =>
      [1, 2, 4, 8, 16, 32].map((k) => ({
        group,
        name: `${name} K=${k}`,
        run: () => once(bench, { dist, torrent: swarm.torrent, k, pieces }),
      })),
    );
    await bench.interleave(subjects);
    await swarm.close();
  },
};

async function once(
  bench: Bench,
  {
    dist,
    torrent,
    k,
    pieces,
  }: { readonly dist: string; readonly torrent: string; readonly k: number; readonly pieces: number },
): Promise<Sample> {
  const out = `${bench.folder()}/out`;
  mkdirSync(out);
  const bind = Array.from({ length: k }, (_, i) => addressOf(IDENTITIES_FROM + i)).join(',');
  const coordinator = bench.service(start([process.execPath, coordinatorOf(dist), 'scale', dist, torrent, out, bind]));
  const peak = { pss: 0, identity: 0 };
  for (let i = 0; !coordinator.output().includes('}\n'); i++) {
    if (coordinator.over() || i > 600) throw new Error(coordinator.output().slice(-1000));
    const tree = treeOf(coordinator.pid);
    const all = memoryOf(tree).pss;
    if (all > peak.pss) {
      peak.pss = all;
      peak.identity = memoryOf(tree.slice(1)).pss / k;
    }
    await sleep(250);
  }
  const told = JSON.parse(coordinator.output()) as Record<'heard' | 'said' | 'readyAt' | 'cpu' | 'seconds', number>;
  await bench.end(coordinator);
  rmSync(out, { recursive: true });
  return {
    start: told.readyAt / 1000,
    wall: told.seconds,
    'coordinator CPU': told.cpu,
    messages: (told.heard + told.said) / pieces,
    memory: peak.pss,
    identity: peak.identity,
  };
}
