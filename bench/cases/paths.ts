import { payloadOf } from '../../core/lab/frames.ts';
import type { Link } from '../../core/lab/real/shaped-net.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import type { Sample } from '../lib/result.ts';
import { labAddress, playSwarm, type Scenario } from './lab-swarm.ts';

const RATE = 20;
/** Seconds for which a link carries nothing. */
const GONE = 20;

/** Ways out of the user's machine, and what becomes of one of them. */
interface Ways {
  readonly name: string;
  /** Mbit/s of each. */
  readonly rates: readonly number[];
  /** The last one is so. */
  readonly last?: Pick<Link, 'loss' | 'delay'>;
  /** From half of the time on the last one carries nothing for a while. */
  readonly gone?: boolean;
}

const WAYS: readonly Ways[] = [
  { name: '4 of them', rates: [RATE, RATE, RATE, RATE] },
  { name: '1 of them', rates: [RATE] },
  { name: '32, 24, 16 and 8 Mbit/s', rates: [32, 24, 16, 8] },
  { name: '3 of them', rates: [RATE, RATE, RATE] },
  { name: '4, one loses 3%', rates: [RATE, RATE, RATE, RATE], last: { loss: 3 } },
  { name: '4, one takes 300 ms', rates: [RATE, RATE, RATE, RATE], last: { delay: 300 } },
  { name: '4, one gone for 20 s', rates: [RATE, RATE, RATE, RATE], gone: true },
];

/** What one download makes of several ways out. */
export const paths: Case = {
  name: 'paths',
  title:
    'links of 20 Mbit/s (tc tbf), an identity bound to each; share: of what all links carry of payload while they are there, start and end included',
  metrics: [
    { name: 'wall', unit: 's', digits: 1, ratio: true },
    { name: 'share', unit: '%', digits: 1 },
    { name: 'CPU', unit: 's', digits: 1 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 128;
    const subjects = bench.options.builds.flatMap(({ name, dist }) =>
      WAYS.map((ways): Subject => ({
        group: `${mib} MiB`,
        name: `${name} ${ways.name}`,
        run: () => runOver(bench, dist, mib, ways),
      })),
    );
    await bench.interleave(subjects);
  },
};

async function runOver(bench: Bench, dist: string, mib: number, ways: Ways): Promise<Sample> {
  const { rates, last } = ways;
  const whole = rates.reduce((sum, rate) => sum + rate, 0);
  const payload = mib * 2 ** 20;
  /** Seconds that it would take by all links. */
  const least = payload / payloadOf((whole * 1e6) / 8);
  const sample = await playSwarm(bench, {
    mib,
    seeds: { count: 4, up: 200, slots: 8 },
    leechers: { count: 0, up: 0, slots: 0 },
    links: rates.map((rate, i) => ({
      address: labAddress(3, i),
      up: rate,
      down: rate,
      ...(i === rates.length - 1 ? last : {}),
    })),
    addresses: [],
    user: { dist, identities: rates.length },
    ...(ways.gone === true ? { trouble: goneAt(least / 2, rates.length - 1) } : {}),
  });
  const wall = sample['wall'] ?? 0;
  const lacked = ways.gone === true ? (rates.at(-1) ?? 0) * Math.min(GONE, Math.max(0, wall - least / 2)) : 0;
  const carried = payloadOf(((whole * wall - lacked) * 1e6) / 8);
  return { ...sample, share: (100 * payload) / carried };
}

function goneAt(seconds: number, link: number): NonNullable<Scenario['trouble']> {
  return (home) => {
    const timers = [
      setTimeout(() => home.cut(link, true), seconds * 1000),
      setTimeout(() => home.cut(link, false), (seconds + GONE) * 1000),
    ];
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  };
}
