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

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
}

/** What seeding costs: one client at a time seeds to the same leecher (libtorrent), measured from the first byte to the last. */
export const seed: Case = {
  name: 'seed',
  title: 'seeding to one libtorrent leecher on loopback; CPU and memory of the seed',
  metrics: [
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
    { name: 'transfer', unit: 's', digits: 2, ratio: true },
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'anonymous', unit: 'MiB', digits: 0 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    for (const pieceKib of bench.options.pieces ?? [1024]) {
      const folder = bench.folder();
      const payload = makePayload(`${folder}/seed`, mib);
      const host = addressOf(IDENTITIES_FROM);
      const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => [{ host, port: SEED_PORT }]);
      const torrent = makeTorrent(payload, pieceKib, [tracker.url], `${folder}/payload.torrent`);
      writeFileSync(`${folder}/seed.py`, SEED);
      writeFileSync(`${folder}/leech.py`, LEECH);
      const scene = { folder, torrent, payload };
      await bench.interleave(subjectsOf(bench, scene, `${mib} MiB, pieces of ${pieceKib} KiB, tmpfs`, host));
      tracker.close();
    }
  },
};

function subjectsOf(bench: Bench, scene: Scene, group: string, host: string): Subject[] {
  const { folder, torrent, payload } = scene;
  const ours = bench.options.builds.map(({ name, dist }) => {
    const flags = ['--bind', host, '--port', String(SEED_PORT), '--json'];
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
  return [...ours, ...peers].map(({ name, argv }) => ({ group, name, run: () => once(bench, scene, argv()) }));
}

async function once(bench: Bench, { folder, torrent, payload }: Scene, argv: readonly string[]): Promise<Sample> {
  const out = `${folder}/out`;
  const done = `${folder}/done`;
  rmSync(out, { recursive: true, force: true });
  rmSync(done, { force: true });
  mkdirSync(out);
  const seeding = bench.service(start(argv));
  await settled(seeding);
  const before = cpuOf(treeOf(seeding.pid));
  const leech = [PYTHON, '-W', 'ignore', `${folder}/leech.py`, torrent, out, done, addressOf(PEERS_FROM)];
  const measured = await measure(leech, { done, memory: false });
  const tree = treeOf(seeding.pid);
  const cpu = cpuOf(tree) - before;
  const memory = memoryOf(tree);
  await bench.end(seeding);
  execFileSync('cmp', [payload.file, `${out}/payload.bin`]);
  rmSync(out, { recursive: true });
  return {
    CPU: cpu / (payload.bytes / 2 ** 30),
    transfer: measured.transfer,
    memory: memory.pss,
    anonymous: memory.anon,
  };
}
