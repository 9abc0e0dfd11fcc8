import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { coordinatorOf } from '../lib/coordinators.ts';
import { addressOf, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench, Case } from '../lib/bench.ts';
import { settled, start } from '../lib/child.ts';
import { cpuOf, memoryOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';

const BYTES = 64 * 1024;
/** For how long CPU time is measured. */
const SECONDS = 10;

/** Seeding many torrents that nobody downloads. */
export const torrents: Case = {
  name: 'torrents',
  title: 'idle seeding torrents in one identity process; memory each against a process with one',
  metrics: [
    { name: 'memory', unit: 'MiB', digits: 0 },
    { name: 'memory each', unit: 'MiB', digits: 3 },
    { name: 'CPU', unit: '% of a core', digits: 2 },
  ],
  async run(bench) {
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => []);
    const folder = bench.folder();
    const count = 200;
    const all = Array.from({ length: count }, (_, i) => made(`${folder}/${i}`, tracker.url));
    const subjects = bench.options.builds.flatMap(({ name, dist }) => {
      const alone: number[] = [];
      const few = async (): Promise<Sample> => {
        const sample = await once(bench, dist, all.slice(0, 1));
        alone.push(sample['memory'] ?? 0);
        return sample;
      };
      const many = async (): Promise<Sample> => {
        const sample = await once(bench, dist, all);
        return { ...sample, 'memory each': ((sample['memory'] ?? 0) - (alone.at(-1) ?? 0)) / (count - 1) };
      };
      return [
        { group: 'idle', name: `${name} 1`, run: few },
        { group: 'idle', name: `${name} ${count}`, run: many },
      ];
    });
    // Always in this order, as the second one needs the files of the first.
    for (let round = 0; round < bench.options.rounds; round++) await bench.interleave(subjects, 1);
    tracker.close();
  },
};

/** Makes a folder with a payload, and its torrent; returns both as `bench/coordinator` takes them. */
export function made(folder: string, tracker: string): string {
  mkdirSync(folder);
  const data = randomBytes(BYTES);
  writeFileSync(`${folder}/payload.bin`, data);
  const pieceHashes = createHash('sha1').update(data).digest();
  const torrent = encodeTorrent({
    name: 'payload.bin',
    files: BYTES,
    pieceLength: BYTES,
    pieceHashes,
    trackers: [[tracker]],
  });
  writeFileSync(`${folder}/p.torrent`, torrent);
  return `${folder},${folder}/p.torrent`;
}

async function once(bench: Bench, dist: string, made: readonly string[]): Promise<Sample> {
  const coordinator = bench.service(start([process.execPath, coordinatorOf(dist), 'torrents', dist, ...made]));
  for (let i = 0; !coordinator.output().includes('seeding'); i++) {
    if (coordinator.over() || i > 1200) throw new Error(coordinator.output().slice(-1000));
    await sleep(100);
  }
  await settled(coordinator, 10);
  const identity = treeOf(coordinator.pid).slice(1);
  const before = cpuOf(identity);
  await sleep(SECONDS * 1000);
  const cpu = cpuOf(identity) - before;
  const { pss } = memoryOf(identity);
  await bench.end(coordinator);
  return { memory: pss, CPU: (100 * cpu) / SECONDS };
}
