import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addressOf, PEERS_FROM } from '../lib/addresses.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure, start } from '../lib/child.ts';
import type { Run } from '../lib/clients.ts';
import { installedClients } from '../lib/clients.ts';
import { ensembleGet } from '../lib/ensemble.ts';
import { busyCpu } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { warm } from '../lib/warm.ts';
import { loopbackSwarm } from './loopback-swarm.ts';

const LIGHT = fileURLToPath(new URL('light.js', import.meta.url));

/** One download from one libtorrent seed, by each client in turn, compared with a bare connection (`light`). */
export const download: Case = {
  name: 'download',
  title: 'one seed on loopback; `light` is a bare socket, SHA-1 and positioned writes in Node',
  metrics: [
    { name: 'wall', unit: 's', digits: 2, ratio: true },
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
    { name: 'transfer', unit: 's', digits: 2 },
    { name: 'start', unit: 's', digits: 2 },
    { name: 'exit', unit: 's', digits: 2 },
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'anonymous', unit: 'MiB', digits: 0 },
    { name: 'others', unit: 's', digits: 1 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    for (const pieceKib of bench.options.pieces ?? [1024, 256, 4096]) {
      const swarm = await loopbackSwarm(bench, { mib, pieceKib });
      const places = pieceKib === 1024 ? (['tmpfs', 'disk'] as const) : (['tmpfs'] as const);
      const subjects = places.flatMap((where) =>
        subjectsOn(bench, swarm, where, `${mib} MiB, pieces of ${pieceKib} KiB, ${where}`),
      );
      await bench.interleave(subjects);
      await swarm.close();
      rmSync(swarm.payload.folder, { recursive: true });
    }
  },
};

type Swarm = Awaited<ReturnType<typeof loopbackSwarm>>;

function subjectsOn(bench: Bench, swarm: Swarm, where: 'tmpfs' | 'disk', group: string): Subject[] {
  const scratch = bench.folder(where);
  const run = (make: (out: string, done: string) => Run) => () => leech(swarm, scratch, make);
  const { builds } = bench.options;
  const ours = builds.flatMap(({ name, dist }) =>
    (where === 'tmpfs' ? [1, 2, 4] : [1]).map((identities) => ({
      group,
      name: `${name} K=${identities}`,
      run: run((out) => ensembleGet(dist, { torrent: swarm.torrent, out, identities })),
    })),
  );
  const peers = installedClients().map((client, i) => ({
    group,
    name: client.name,
    run: run((out, done) =>
      client.leech({ scratch, torrent: swarm.torrent, out, done, address: addressOf(PEERS_FROM + i) }),
    ),
  }));
  return [...ours, { group, name: 'light', run: () => light(bench, swarm, scratch) }, ...peers];
}

/** One download into an empty folder; fails unless the result equals what was seeded. */
async function leech(swarm: Swarm, scratch: string, make: (out: string, done: string) => Run): Promise<Sample> {
  const out = `${scratch}/out`;
  const done = `${scratch}/done`;
  rmSync(out, { recursive: true, force: true });
  rmSync(done, { force: true });
  mkdirSync(out);
  warm(swarm.payload.bytes);
  const { argv, options } = make(out, done);
  const before = busyCpu();
  const m = await measure(argv, options);
  const busy = busyCpu() - before;
  execFileSync('cmp', [swarm.payload.file, `${out}/payload.bin`]);
  rmSync(out, { recursive: true });
  return {
    wall: m.wall,
    CPU: m.cpu / (swarm.payload.bytes / 2 ** 30),
    transfer: m.transfer,
    start: m.first,
    exit: m.exit,
    memory: m.pss,
    anonymous: m.anon,
    others: Math.max(0, busy - m.cpu),
  };
}

async function light(bench: Bench, swarm: Swarm, scratch: string): Promise<Sample> {
  const port = 53999;
  const sender = bench.service(
    start([process.execPath, LIGHT, 'send', swarm.payload.file, addressOf(0), String(port)]),
  );
  while (!sender.output().includes('ready')) await sleep(20);
  const argv = [process.execPath, LIGHT, 'receive', `${scratch}/light.bin`, addressOf(0), String(port)];
  warm(swarm.payload.bytes);
  const m = await measure(argv, { done: (output) => output.includes('done'), endsItself: true });
  await bench.end(sender);
  execFileSync('cmp', [swarm.payload.file, `${scratch}/light.bin`]);
  rmSync(`${scratch}/light.bin`);
  return {
    wall: m.wall,
    CPU: m.cpu / (swarm.payload.bytes / 2 ** 30),
    transfer: m.transfer,
    memory: m.pss,
    anonymous: m.anon,
  };
}
