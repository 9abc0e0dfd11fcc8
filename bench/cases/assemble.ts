import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure } from '../lib/child.ts';
import { ensembleGet } from '../lib/ensemble.ts';
import type { Sample } from '../lib/result.ts';
import { warm } from '../lib/warm.ts';
import { loopbackSwarm } from './loopback-swarm.ts';

/** Assembly: from verified pieces to the finished file, for each layout, compared with a plain copy. */
export const assemble: Case = {
  name: 'assemble',
  title:
    'joining what four identities left, on disk, as a command of its own; `cp` copies the finished file and syncs it',
  metrics: [
    { name: 'wall', unit: 's', digits: 2, ratio: true },
    { name: 'CPU', unit: 's/GiB', digits: 2 },
    { name: 'memory', unit: 'MiB', digits: 0 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    const swarm = await loopbackSwarm(bench, { mib, pieceKib: 1024 });
    const folder = bench.folder('disk');
    const group = `${mib} MiB, disk`;
    const gib = swarm.payload.bytes / 2 ** 30;
    const copy: Subject = {
      group,
      name: 'cp',
      run: async () => {
        rmSync(`${folder}/copy`, { force: true });
        execFileSync('sync', ['-f', folder]);
        warm(swarm.payload.bytes);
        const script = `cp ${swarm.payload.file} ${folder}/copy && sync ${folder}/copy`;
        const m = await measure(['sh', '-c', script]);
        return { wall: m.wall, CPU: m.cpu / gib };
      },
    };
    const ours = bench.options.builds.flatMap(({ name, dist }) =>
      (['in-place', 'parts', 'pieces'] as const).map((layout) => ({
        group,
        name: `${name} ${layout}`,
        run: () => once(bench, swarm, { dist, layout, folder, gib }),
      })),
    );
    await bench.interleave([copy, ...ours]);
    await swarm.close();
  },
};

async function once(
  _bench: Bench,
  swarm: Awaited<ReturnType<typeof loopbackSwarm>>,
  input: { readonly dist: string; readonly layout: string; readonly folder: string; readonly gib: number },
): Promise<Sample> {
  const { dist, layout, folder, gib } = input;
  const out = `${folder}/out`;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const more = ['--no-assemble', '--layout', layout, '--common', `${out}/common`];
  const { argv, options } = ensembleGet(dist, { torrent: swarm.torrent, out, identities: 4, more });
  await measure(argv, { ...options, memory: false });
  execFileSync('sync', ['-f', folder]);
  warm(swarm.payload.bytes);
  const m = await measure([
    process.execPath,
    `${dist}/cli/main.js`,
    'assemble',
    swarm.torrent,
    `${out}/common`,
    '-o',
    out,
  ]);
  execFileSync('cmp', [swarm.payload.file, `${out}/payload.bin`]);
  rmSync(out, { recursive: true });
  return { wall: m.wall, CPU: m.cpu / gib, memory: m.pss };
}
