import type { Case, Subject } from '../lib/bench.ts';
import { libtorrentVersion } from '../lib/clients.ts';
import { withWaitingSeed } from '../lib/first-request.ts';
import type { FirstRequest } from '../lib/first-request.ts';
import type { Sample } from '../lib/result.ts';

const TORRENTS = {
  '64 pieces': { files: 1, pieces: 64 },
  '100,000 files, 500,000 pieces': { files: 100_000, pieces: 500_000 },
};

/** How soon a command is at work. */
export const startOfGet: Case = {
  name: 'start',
  title: 'from the start of `get` to its first request at a seed',
  metrics: [
    { name: 'wall', unit: 's', digits: 3, ratio: true },
    { name: 'CPU', unit: 's', digits: 2 },
  ],
  async run(bench) {
    for (const [group, made] of Object.entries(TORRENTS)) {
      await withWaitingSeed(bench, made, async ({ ensemble, libtorrent }) => {
        const subjects: Subject[] = bench.options.builds.map(({ name, dist }) => ({
          group,
          name,
          run: async () => sample(await ensemble(dist, 1)),
        }));
        if (libtorrentVersion() !== undefined)
          subjects.push({ group, name: 'libtorrent', run: async () => sample(await libtorrent()) });
        await bench.interleave(subjects);
      });
    }
  },
};

const sample = ({ wall, cpu }: FirstRequest): Sample => ({ wall, CPU: cpu });
