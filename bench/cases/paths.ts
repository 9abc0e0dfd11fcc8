import { payloadOf } from '../../core/lab/frames.ts';
import type { Case } from '../lib/bench.ts';
import { labAddress, playSwarm } from './lab-swarm.ts';

const RATE = 20;

/** What one download makes of several ways out. */
export const paths: Case = {
  name: 'paths',
  title:
    'four links of 20 Mbit/s (tc tbf), an identity bound to each; share: of what all links carry of payload, start and end included',
  metrics: [
    { name: 'wall', unit: 's', digits: 1, ratio: true },
    { name: 'share', unit: '%', digits: 1 },
    { name: 'CPU', unit: 's', digits: 1 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 128;
    const subjects = bench.options.builds.flatMap(({ name, dist }) =>
      [4, 1].map((links) => ({
        group: `${mib} MiB`,
        name: `${name} ${links} of them`,
        run: async () => {
          const sample = await playSwarm(bench, {
            mib,
            seeds: { count: 4, up: 200, slots: 8 },
            leechers: { count: 0, up: 0, slots: 0 },
            links: Array.from({ length: links }, (_, i) => ({ address: labAddress(3, i), up: RATE, down: RATE })),
            addresses: [],
            user: { dist, identities: links },
          });
          const carried = payloadOf((links * RATE * 1e6 * (sample['wall'] ?? 0)) / 8);
          return { ...sample, share: (100 * mib * 2 ** 20) / carried };
        },
      })),
    );
    await bench.interleave(subjects);
  },
};
