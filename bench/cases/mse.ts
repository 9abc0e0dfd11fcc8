import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { addressOf, IDENTITIES_FROM, PEERS_FROM, SEED_PORT, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure, settled, start } from '../lib/child.ts';
import { PYTHON } from '../lib/clients.ts';
import { LEECH, SEED } from '../lib/libtorrent.ts';
import type { Payload } from '../lib/payload.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import { cpuOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
  readonly host: string;
}

/** libtorrent's settings for plain text alone, and for RC4 alone. */
const POLICIES = {
  plain: '"out_enc_policy": 2, "in_enc_policy": 2, ',
  RC4: '"out_enc_policy": 0, "in_enc_policy": 0, "allowed_enc_level": 2, ',
} as const;
type Policy = keyof typeof POLICIES;

/** What RC4 costs: the same transfer in plain text and encrypted, with libtorrent at the other end. */
export const mse: Case = {
  name: 'mse',
  title: 'one connection on loopback in plain text and with RC4, libtorrent at the other end; CPU of one side',
  metrics: [
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
    { name: 'transfer', unit: 's', digits: 2, ratio: true },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    const folder = bench.folder();
    const payload = makePayload(`${folder}/seed`, mib);
    const host = addressOf(IDENTITIES_FROM);
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => [{ host, port: SEED_PORT }]);
    const torrent = makeTorrent(payload, 1024, [tracker.url], `${folder}/payload.torrent`);
    for (const [policy, settings] of Object.entries(POLICIES)) {
      const withPolicy = (script: string): string => script.replace('lt.session({', `lt.session({${settings}`);
      writeFileSync(`${folder}/seed-${policy}.py`, withPolicy(SEED));
      writeFileSync(`${folder}/leech-${policy}.py`, withPolicy(LEECH));
    }
    await bench.interleave(subjectsOf(bench, { folder, torrent, payload, host }, `${mib} MiB`));
    tracker.close();
  },
};

function subjectsOf(bench: Bench, scene: Scene, size: string): Subject[] {
  const { folder, torrent, payload, host } = scene;
  const out = `${folder}/out`;
  const done = `${folder}/done`;
  const at = `${host}:${SEED_PORT}`;
  const leecher = addressOf(PEERS_FROM);
  const python = (script: string, ...args: readonly string[]): string[] => [
    PYTHON,
    '-W',
    'ignore',
    `${folder}/${script}.py`,
    ...args,
  ];
  return (Object.keys(POLICIES) as Policy[]).flatMap((policy) => {
    const flag = ['--encryption', policy === 'plain' ? 'off' : 'required', '--json'];
    const theirSeed = python(`seed-${policy}`, torrent, payload.folder, at);
    const theirLeech = python(`leech-${policy}`, torrent, out, done, leecher);
    const ours = bench.options.builds.flatMap(({ name, dist }) => {
      const run = [process.execPath, `${dist}/cli/main.js`];
      const seeding = [...run, 'seed', torrent, payload.folder, '--bind', host, '--port', String(SEED_PORT), ...flag];
      const getting = [...run, 'get', torrent, '-o', out, '--bind', leecher, ...flag];
      return [
        { group: `seeding ${size}`, name: `${name}, ${policy}`, seed: seeding, leech: theirLeech, watched: 'seed' },
        { group: `fetching ${size}`, name: `${name}, ${policy}`, seed: theirSeed, leech: getting, watched: 'leech' },
      ] as const;
    });
    const theirs = (['seed', 'leech'] as const).map((watched) => ({
      group: `${watched === 'seed' ? 'seeding' : 'fetching'} ${size}`,
      name: `libtorrent, ${policy}`,
      seed: theirSeed,
      leech: theirLeech,
      watched,
    }));
    return [...ours, ...theirs].map(({ group, name, seed, leech, watched }) => ({
      group,
      name,
      run: () => once(bench, scene, { seed, leech, watched, out, done }),
    }));
  });
}

interface Transfer {
  readonly seed: readonly string[];
  readonly leech: readonly string[];
  readonly watched: 'seed' | 'leech';
  readonly out: string;
  readonly done: string;
}

async function once(bench: Bench, { payload }: Scene, { seed, leech, watched, out, done }: Transfer): Promise<Sample> {
  rmSync(out, { recursive: true, force: true });
  rmSync(done, { force: true });
  mkdirSync(out);
  const seeding = bench.service(start(seed));
  await settled(seeding);
  const before = cpuOf(treeOf(seeding.pid));
  const own = leech.includes('get');
  const measured = await measure(leech, own ? { memory: false, endsItself: true } : { done, memory: false });
  const seedCpu = cpuOf(treeOf(seeding.pid)) - before;
  await bench.end(seeding);
  execFileSync('cmp', [payload.file, `${out}/payload.bin`]);
  rmSync(out, { recursive: true });
  const cpu = watched === 'seed' ? seedCpu : measured.cpu;
  return { CPU: cpu / (payload.bytes / 2 ** 30), transfer: measured.transfer };
}
