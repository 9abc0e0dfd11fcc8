import { spawnSync } from 'node:child_process';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import type { Scenario } from './lab-swarm.ts';
import { labAddress, playSwarm } from './lab-swarm.ts';

type World = Pick<Scenario, 'mib' | 'seeds' | 'leechers' | 'turnover'> & { readonly userUp: number };

/**
 * Three kinds of swarm: few seeds with few unchoke slots; one slow seed, where only trading among leechers helps; and as the first,
 * but leechers come and go (some 11 are there at any time).
 */
const WORLDS: Readonly<Record<string, World>> = {
  A: { mib: 96, seeds: { count: 4, up: 16, slots: 4 }, leechers: { count: 12, up: 4, slots: 8 }, userUp: 4 },
  B: { mib: 64, seeds: { count: 1, up: 12, slots: 8 }, leechers: { count: 16, up: 6, slots: 8 }, userUp: 6 },
  D: {
    mib: 64,
    seeds: { count: 4, up: 16, slots: 4 },
    leechers: { count: 44, up: 4, slots: 8 },
    turnover: { every: 5, user: 70 },
    userUp: 4,
  },
};

/** What identities gain among unmodified clients. */
export const swarm: Case = {
  name: 'swarm',
  title: 'the user in a swarm of stock clients, every host a namespace with a shaped link (C is the benchmark `paths`)',
  metrics: [
    { name: 'wall', unit: 's', digits: 1, ratio: true },
    { name: 'CPU', unit: 's', digits: 1 },
    { name: 'others', unit: 's', digits: 1 },
  ],
  async run(bench) {
    const { script } = bench.options;
    if (script !== undefined) {
      playOutside(bench, script);
      return;
    }
    for (const [name, world] of Object.entries(WORLDS)) await bench.interleave(subjectsOf(bench, name, world));
  },
};

function subjectsOf(bench: Bench, world: string, { userUp, ...rest }: World): Subject[] {
  const mib = bench.options.mib ?? rest.mib;
  const group = (addresses: string): string => `${world}: ${addresses}`;
  const link = { address: labAddress(3, 0), up: userUp };
  const play = (user: Scenario['user'], addresses: number) => () => {
    const more = Array.from({ length: addresses - 1 }, (_, i) => labAddress(3, i + 1));
    return playSwarm(bench, { ...rest, mib, links: [link], addresses: more, user });
  };
  const ours = bench.options.builds.flatMap(({ name, dist }) => {
    const own = (world === 'D' ? [1, 8] : [1, 4, 8]).map((k) => ({
      group: group('own addresses'),
      name: `${name} K=${k}`,
      run: play({ dist, identities: k }, k),
    }));
    const one = [1, 4, 8].map((k) => ({
      group: group('one address'),
      name: `${name} K=${k}`,
      run: play({ dist, identities: k }, 1),
    }));
    return world === 'A' ? [...own, ...one] : own;
  });
  return [...ours, { group: group('own addresses'), name: 'libtorrent', run: play('libtorrent', 1) }];
}

/** Lets another program run the swarm: it gets the command of the user's client as arguments, and its output is shown unchanged. */
function playOutside(bench: Bench, script: string): void {
  for (const { name, dist } of bench.options.builds) {
    const get = `${process.execPath} ${dist}/cli/main.js get {torrent} -o {out} -n {K} --bind {bind} --max-uploads {slots} --json`;
    spawnSync(script, ['run', '--scenario', 'A,B,C', '--user', `${name}=${get}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
}
