import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, IDENTITIES_FROM, PEERS_FROM, SEED_PORT, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure, settled, start } from '../lib/child.ts';
import { PYTHON } from '../lib/clients.ts';
import { LEECH, SEED } from '../lib/libtorrent.ts';
import { sh } from '../../core/lab/real/namespaces.ts';
import { makePayload, makeTorrent, type Payload } from '../lib/payload.ts';
import { cpuOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';

const LINE = new URL('../../e2e/support/line.py', import.meta.url).pathname;
/** 100 Mbit/s with 20 ms there and back, and a buffer of 100 ms. */
const LINK = { rate: 12_500_000, delay: 10, queue: 1_250_000 };

/** Two ends, at each of which a program can be run. */
interface Ends {
  readonly group: string;
  readonly seed: string;
  readonly leech: string;
  readonly atSeed: (argv: readonly string[]) => string[];
  readonly atLeech: (argv: readonly string[]) => string[];
}

/** uTP beside TCP, ours and libtorrent's: one seed and one leecher of the same kind. */
export const utp: Case = {
  name: 'utp',
  title:
    'one connection over uTP and TCP, in plain text, on loopback and over 100 Mbit/s with 20 ms; CPU of both sides',
  metrics: [
    { name: 'transfer', unit: 's', digits: 2, ratio: true },
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 128;
    const folder = bench.folder();
    const payload = makePayload(`${folder}/seed`, mib);
    const as = (argv: readonly string[]): string[] => [...argv];
    const host = addressOf(IDENTITIES_FROM);
    const loopback = {
      group: `loopback, ${mib} MiB`,
      seed: host,
      leech: addressOf(PEERS_FROM),
      atSeed: as,
      atLeech: as,
    };
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => [{ host, port: SEED_PORT }]);
    const torrent = makeTorrent(payload, 1024, [tracker.url], `${folder}/payload.torrent`);
    for (const transport of ['utp', 'tcp'] as const) {
      const only = (script: string): string =>
        script
          .replace('"enable_outgoing_utp": False, "enable_incoming_utp": False', settingsOf(transport))
          .replace('lt.session({', 'lt.session({"out_enc_policy": 2, "in_enc_policy": 2, "mixed_mode_algorithm": 0, ');
      writeFileSync(`${folder}/seed-${transport}.py`, only(SEED));
      // Where there is no tracker it is told whom to ask.
      const dial = `h.resume()\nif len(sys.argv) > 6: h.connect_peer((sys.argv[6], ${SEED_PORT}))`;
      writeFileSync(`${folder}/leech-${transport}.py`, only(LEECH).replace('h.resume()', dial));
    }
    const scene = { folder, torrent, payload };
    await bench.interleave(subjectsOf(bench, scene, loopback));
    // As between machines, whose lines take no longer packets.
    sh('ip link set lo mtu 1500');
    const short = { ...loopback, group: `loopback of packets as on Ethernet, ${mib} MiB` };
    await bench.interleave(subjectsOf(bench, scene, short, ['utp']));
    sh('ip link set lo mtu 65536');
    await overLink(bench, scene, mib);
    tracker.close();
  },
};

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
}

function settingsOf(transport: 'utp' | 'tcp'): string {
  const on = (name: string): string => (name === transport ? 'True' : 'False');
  return ['utp', 'tcp']
    .flatMap((name) => ['outgoing', 'incoming'].map((way) => `"enable_${way}_${name}": ${on(name)}`))
    .join(', ');
}

async function overLink(bench: Bench, scene: Scene, mib: number): Promise<void> {
  sh('mount -t tmpfs none /run');
  for (const name of ['near', 'far']) sh(`ip netns add ${name}`, `ip -n ${name} link set lo up`);
  const relay = bench.service(start([PYTHON, LINE, '/run/netns/near', '/run/netns/far', JSON.stringify(LINK)]));
  for (let i = 0; i < 100 && !relay.output().includes('ready'); i++) await sleep(50);
  const at = (name: string) => (argv: readonly string[]) => ['ip', 'netns', 'exec', name, ...argv];
  const group = `100 Mbit/s with 20 ms, ${mib} MiB`;
  const ends = { group, seed: '10.79.0.1', leech: '10.79.0.2', atSeed: at('near'), atLeech: at('far') };
  await bench.interleave(subjectsOf(bench, scene, ends), Math.min(3, bench.options.rounds));
  await bench.end(relay);
}

function subjectsOf(
  bench: Bench,
  { folder, torrent, payload }: Scene,
  ends: Ends,
  transports: readonly ('utp' | 'tcp')[] = ['utp', 'tcp'],
): Subject[] {
  const out = `${folder}/out`;
  const done = `${folder}/done`;
  const peer = `${ends.seed}:${SEED_PORT}`;
  const python = (script: string, ...args: readonly string[]) => [
    PYTHON,
    '-W',
    'ignore',
    `${folder}/${script}.py`,
    ...args,
  ];
  const QUIET = ['--encryption', 'off', '--no-dht', '--no-lsd', '--no-port-map', '--json'];
  return transports.flatMap((transport) => {
    const flags = [...QUIET, transport === 'utp' ? '--no-tcp' : '--no-utp'];
    const ours = bench.options.builds.map(({ name, dist }) => {
      const run = [process.execPath, `${dist}/cli/main.js`];
      return {
        name: `${name}, ${transport}`,
        seed: [...run, 'seed', torrent, payload.folder, '--bind', ends.seed, '--port', String(SEED_PORT), ...flags],
        leech: [...run, 'get', torrent, '-o', out, '--bind', ends.leech, '--peer', peer, ...flags],
      };
    });
    const theirs = {
      name: `libtorrent, ${transport}`,
      seed: python(`seed-${transport}`, torrent, payload.folder, peer),
      leech: python(`leech-${transport}`, torrent, out, done, ends.leech, '0', ends.seed),
    };
    return [...ours, theirs].map(({ name, seed, leech }) => ({
      group: ends.group,
      name,
      run: async (): Promise<Sample> => {
        rmSync(out, { recursive: true, force: true });
        rmSync(done, { force: true });
        mkdirSync(out);
        const seeding = bench.service(start(ends.atSeed(seed)));
        await settled(seeding);
        const before = cpuOf(treeOf(seeding.pid));
        const own = leech.includes('get');
        const how = own ? { endsItself: true } : { done };
        const measured = await measure(ends.atLeech(leech), { ...how, memory: false });
        const seedCpu = cpuOf(treeOf(seeding.pid)) - before;
        await bench.end(seeding);
        execFileSync('cmp', [payload.file, `${out}/payload.bin`]);
        const gib = payload.bytes / 2 ** 30;
        // Over the link nothing passes loopback.
        const transfer = measured.transfer > 0 ? measured.transfer : measured.wall;
        return { transfer, CPU: (seedCpu + measured.cpu) / gib };
      },
    }));
  });
}
