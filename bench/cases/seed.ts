import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { addressOf, IDENTITIES_FROM, PEERS_FROM, SEED_PORT, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure, settled, start } from '../lib/child.ts';
import { installedClients, PYTHON, transmissionSettings } from '../lib/clients.ts';
import { LEECH, SEED } from '../lib/libtorrent.ts';
import type { Payload } from '../lib/payload.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import { cpuOf, memoryOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';

/** Leechers at once, that fetch from the seed alone. */
const MANY = 8;

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
}

/** What seeding costs: one client at a time seeds to the same leechers (libtorrent), measured from the first byte to the last. */
export const seed: Case = {
  name: 'seed',
  title: 'seeding to libtorrent leechers on loopback, one and eight at once; CPU and memory of the seed',
  metrics: [
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
    { name: 'transfer', unit: 's', digits: 2, ratio: true },
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'anonymous', unit: 'MiB', digits: 0 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    const host = addressOf(IDENTITIES_FROM);
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => [{ host, port: SEED_PORT }]);
    for (const pieceKib of bench.options.pieces ?? [1024]) {
      const subjects = [1, MANY].flatMap((leechers) => {
        const folder = bench.folder();
        // As much for all of them as the memory of a small machine takes.
        const each = leechers === 1 ? mib : mib / 4;
        const payload = makePayload(`${folder}/seed`, each);
        const torrent = makeTorrent(payload, pieceKib, [tracker.url], `${folder}/payload.torrent`);
        writeFileSync(`${folder}/seed.py`, SEED);
        writeFileSync(`${folder}/leech.py`, LEECH);
        const group = `${each} MiB, pieces of ${pieceKib} KiB, tmpfs${leechers === 1 ? '' : `, ${leechers} leechers`}`;
        return subjectsOf(bench, { folder, torrent, payload }, group, host, leechers);
      });
      await bench.interleave(subjects);
    }
    tracker.close();
  },
};

function subjectsOf(bench: Bench, scene: Scene, group: string, host: string, leechers: number): Subject[] {
  const { folder, torrent, payload } = scene;
  const ours = bench.options.builds.map(({ name, dist }) => {
    const flags = ['--bind', host, '--port', String(SEED_PORT), '--max-uploads', '64', '--json'];
    const argv = [process.execPath, `${dist}/cli/main.js`, 'seed', torrent, payload.folder, ...flags];
    return { name, argv: () => argv };
  });
  const libtorrent = [PYTHON, '-W', 'ignore', `${folder}/seed.py`, torrent, payload.folder, `${host}:${SEED_PORT}`];
  const peers = [{ name: 'libtorrent', argv: () => libtorrent }];
  if (installedClients().some((client) => client.name === 'transmission')) {
    const argv = (): string[] => {
      const settings = transmissionSettings(folder, host, SEED_PORT);
      return ['transmission-cli', '-g', settings, '-w', payload.folder, torrent];
    };
    peers.push({ name: 'transmission', argv });
  }
  return [...ours, ...peers].map(({ name, argv }) => ({
    group,
    name,
    run: () => once(bench, scene, argv(), leechers),
  }));
}

async function once(
  bench: Bench,
  { folder, torrent, payload }: Scene,
  argv: readonly string[],
  leechers: number,
): Promise<Sample> {
  const outs = Array.from({ length: leechers }, (_, i) => `${folder}/out${i}`);
  for (const out of outs) {
    rmSync(out, { recursive: true, force: true });
    rmSync(`${out}.done`, { force: true });
    mkdirSync(out);
  }
  const seeding = bench.service(start(argv));
  await settled(seeding);
  const before = cpuOf(treeOf(seeding.pid));
  const leech = (out: string, i: number): string[] => {
    const script = [PYTHON, '-W', 'ignore', `${folder}/leech.py`, torrent, out, `${out}.done`];
    return [...script, addressOf(PEERS_FROM + i), '0', addressOf(IDENTITIES_FROM), addressOf(0)];
  };
  const all = await Promise.all(
    outs.map((out, i) => measure(leech(out, i), { done: `${out}.done`, memory: false, limit: 300 })),
  );
  const tree = treeOf(seeding.pid);
  const cpu = cpuOf(tree) - before;
  const memory = memoryOf(tree);
  await bench.end(seeding);
  for (const out of outs) {
    execFileSync('cmp', [payload.file, `${out}/payload.bin`]);
    rmSync(out, { recursive: true });
  }
  return {
    CPU: cpu / ((leechers * payload.bytes) / 2 ** 30),
    transfer: Math.max(...all.map(({ transfer }) => transfer)),
    memory: memory.pss,
    anonymous: memory.anon,
  };
}
