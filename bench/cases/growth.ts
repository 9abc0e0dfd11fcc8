import type { Bench, Case, Subject } from '../lib/bench.ts';
import { withWaitingSeed } from '../lib/first-request.ts';
import { type Curve, plotOf } from '../lib/growth.ts';
import { median } from '../../core/lab/statistics/intervals.ts';
import { type Result, valuesOf } from '../lib/result.ts';
import { addedAtOnce } from './many-torrents.ts';

/** Sizes of each curve; the first one stands for what it costs anyway. */
const SIZES = {
  torrents: [1, 250, 1000, 2500],
  pieces: [64, 10_000, 100_000, 500_000],
  files: [1, 1000, 10_000, 100_000],
  identities: [1, 2, 4, 8],
};
/** Pieces of a torrent of which something else grows. */
const PIECES = 64;

/** How cost grows with what there may be many of. */
export const growth: Case = {
  name: 'growth',
  title:
    'CPU by numbers: of torrents until all that are there seed; of pieces, files and identities until the first request of each identity',
  metrics: [{ name: 'CPU', unit: 's', digits: 2 }],
  picture: { path: 'docs/images/growth.svg', draw: (result) => plotOf(curvesOf(result), 'CPU, s') },
  async run(bench) {
    const build = bench.options.builds[0];
    if (build === undefined) return;
    const { dist } = build;
    await addedAtOnce(bench, SIZES.torrents, async (add) => {
      await bench.interleave(
        SIZES.torrents.map((count) => ({
          group: 'torrents',
          name: `${count}`,
          run: async () => ({ CPU: await add(dist, count) }),
        })),
      );
    });
    for (const pieces of SIZES.pieces) await asking(bench, dist, { group: 'pieces', size: pieces, files: 1, pieces });
    for (const files of SIZES.files)
      await asking(bench, dist, { group: 'files', size: files, files, pieces: Math.max(files, PIECES) });
    for (const identities of SIZES.identities)
      await asking(bench, dist, { group: 'identities', size: identities, files: 1, pieces: PIECES, identities });
  },
};

interface Asking {
  readonly group: string;
  readonly size: number;
  readonly files: number;
  readonly pieces: number;
  readonly identities?: number;
}

async function asking(bench: Bench, dist: string, { group, size, files, pieces, identities = 1 }: Asking) {
  await withWaitingSeed(bench, { files, pieces }, async ({ ensemble }) => {
    const subject: Subject = {
      group,
      name: `${size}`,
      run: async () => ({ CPU: (await ensemble(dist, identities)).cpu }),
    };
    await bench.interleave([subject]);
  });
}

function curvesOf({ series }: Result): Curve[] {
  return Object.keys(SIZES).map((name) => ({
    name,
    points: series
      .filter((one) => one.group === name && one.samples.length > 0)
      .map((one) => ({ size: Number(one.subject), cost: median(valuesOf(one, 'CPU')) })),
  }));
}
