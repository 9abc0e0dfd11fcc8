import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { coordinatorOf } from '../lib/coordinators.ts';
import { addressOf, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench, Case } from '../lib/bench.ts';
import { settled, start } from '../lib/child.ts';
import { libtorrentVersion, PYTHON } from '../lib/clients.ts';
import { MANY } from '../lib/libtorrent.ts';
import { cpuOf, memoryOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';
import { made } from './torrents.ts';

const COUNTS = [200, 1000, 5000];
/** For how long CPU time is measured at rest. */
const SECONDS = 35;
/** How long it may take until all seed, in s. */
const PATIENCE = 600;

/** How costs grow with the number of torrents: added at once with their data there, started again, and at rest. */
export const manyTorrents: Case = {
  name: 'many-torrents',
  title: 'torrents of 64 KiB whose data is there: all added at once, the program started again, at rest',
  metrics: [
    { name: 'add', unit: 's', digits: 2 },
    { name: 'CPU of adding', unit: 's', digits: 2 },
    { name: 'restart', unit: 's', digits: 2 },
    { name: 'CPU of restarting', unit: 's', digits: 2 },
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'idle CPU', unit: '% of a core', digits: 2 },
  ],
  async run(bench) {
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => []);
    const folder = bench.folder();
    const all = Array.from({ length: Math.max(...COUNTS) }, (_, i) => made(`${folder}/${i}`, tracker.url));
    writeFileSync(`${folder}/many.py`, MANY);
    const subjects = COUNTS.flatMap((count) => {
      const some = all.slice(0, count);
      const ours = bench.options.builds.map(({ name, dist }) => ({
        group: `${count} torrents`,
        name: `${name} ${count}`,
        run: () =>
          twice(bench, (state) => [process.execPath, coordinatorOf(dist), 'many', dist, state, `${count}`], some),
      }));
      const argv = (state: string): string[] => [PYTHON, '-W', 'ignore', `${folder}/many.py`, state, addressOf(1)];
      const theirs = { group: `${count} torrents`, name: `libtorrent ${count}`, run: () => twice(bench, argv, some) };
      return libtorrentVersion() === undefined ? ours : [...ours, theirs];
    });
    await bench.interleave(subjects);
    tracker.close();
  },
};

/** Calls `use` with what adds so many, at most the largest of `counts`, to a program with nothing, and tells its CPU seconds until all seed. */
export async function addedAtOnce(
  bench: Bench,
  counts: readonly number[],
  use: (add: (dist: string, count: number) => Promise<number>) => Promise<void>,
): Promise<void> {
  const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => []);
  const folder = bench.folder();
  const all = Array.from({ length: Math.max(...counts) }, (_, i) => made(`${folder}/${i}`, tracker.url));
  await use(async (dist, count) => {
    const argv = [process.execPath, coordinatorOf(dist), 'many', dist, bench.folder(), `${count}`];
    const { program, cpu } = await untilSeeding(bench, [...argv, ...all.slice(0, count)]);
    await bench.end(program);
    return cpu;
  });
  tracker.close();
}

/** Adds them with an empty state folder, ends the program, and starts it again with what it kept. */
async function twice(
  bench: Bench,
  argv: (state: string) => readonly string[],
  some: readonly string[],
): Promise<Sample> {
  const state = bench.folder();
  const first = await untilSeeding(bench, [...argv(state), ...some]);
  await bench.end(first.program);
  const again = await untilSeeding(bench, argv(state));
  await settled(again.program, 10);
  const tree = treeOf(again.program.pid);
  const before = cpuOf(tree);
  await sleep(SECONDS * 1000);
  const idle = cpuOf(tree) - before;
  const { pss } = memoryOf(tree);
  await bench.end(again.program);
  return {
    add: first.seconds,
    'CPU of adding': first.cpu,
    restart: again.seconds,
    'CPU of restarting': again.cpu,
    memory: pss,
    'idle CPU': (100 * idle) / SECONDS,
  };
}

async function untilSeeding(bench: Bench, argv: readonly string[]) {
  const began = performance.now();
  const program = bench.service(start(argv));
  while (!program.output().includes('seeding')) {
    const late = performance.now() - began > PATIENCE * 1000;
    if (program.over() || late) throw new Error(program.output().slice(-1000));
    await sleep(10);
  }
  return { program, seconds: (performance.now() - began) / 1000, cpu: cpuOf(treeOf(program.pid)) };
}
