import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { figure } from '../core/sim/acceptance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, makeTorrent, startOpentracker } from './support/clients.ts';
import type { MadeTorrent } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { MemoryWatch } from './support/memory.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, trackerAddress } from './support/scene.ts';
import { makeSparseTorrent } from './support/torrent-files.ts';

const MIB = 1024 * 1024;
/** Full size only in the long form, as it takes minutes and 16 GiB of disk. */
const FULL = process.env['ENSEMBLE_ACCEPTANCE'] === '1';
const LENGTH = FULL ? 8192 * MIB : 256 * MIB;
const FILES = FULL ? 100_000 : 3000;
const SECONDS = FULL ? 900 : 100;

/** One large file, mostly zeros, which takes little space at its seed as it is sparse. */
function sparse(_lab: Lab, folder: string): Promise<MadeTorrent> {
  return makeSparseTorrent(folder, 'sparse.bin', LENGTH + 12_345, 4 * MIB, httpTracker(trackerAddress));
}

/** Many files of about a kilobyte; some of them empty. */
async function manyFiles(lab: Lab, folder: string): Promise<MadeTorrent> {
  for (let i = 0; i < FILES; i += 500) {
    const inside = `${folder}/many/${String(i / 500).padStart(3, '0')}`;
    await mkdir(inside, { recursive: true });
    const names = Array.from({ length: Math.min(500, FILES - i) }, (_, k) => i + k);
    await Promise.all(
      names.map((n) => writeFile(`${inside}/${n}.txt`, `${n} `.repeat(n % 100 === 0 ? 0 : 100 + (n % 200)))),
    );
  }
  const trackers = [httpTracker(trackerAddress)];
  return makeTorrent(lab, { folder, name: 'many', pieceLength: FULL ? 64 * 1024 : 32 * 1024, trackers }, SECONDS);
}

interop('a large download', ['libtorrent', 'opentracker'], true, () => {
  it.for([
    [`one file of ${LENGTH / MIB} MiB in pieces of 4 MiB`, sparse, FULL ? 0 : 50 * MIB],
    [`${FILES} files`, manyFiles, (FULL ? 12 : 1) * MIB],
  ] as const)(
    '%s: interrupted, resumed, assembled',
    { timeout: 2 * SECONDS * 1000 },
    async ([what, make, uploadLimit], test) => {
      const lab = await Lab.open();
      try {
        const folder = await lab.makeFolder('payload');
        const { torrent, infoHash } = await make(lab, folder);
        await startOpentracker(lab, trackerAddress, [infoHash]);
        const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit });
        await seed.child.until(() => seed.announced, 'an answer of the tracker', SECONDS);
        const out = await lab.makeFolder('out');
        const args = [
          'get',
          torrent,
          '-o',
          out,
          '-n',
          '2',
          '--bind',
          ourAddresses(2).join(','),
          '--timeout',
          String(SECONDS),
        ];

        const first = new Ensemble(lab, args);
        const memory = [new MemoryWatch(first.child.pid)];
        const pieces = (): { have: number; total: number } =>
          (first.last('progress')?.['pieces'] as { have: number; total: number } | undefined) ?? { have: 0, total: 1 };
        const begun = performance.now();
        await first.child.until(() => pieces().have > pieces().total / 3, 'a third of it', SECONDS);
        const interrupted = performance.now();
        const { have, total } = pieces();
        first.child.signal('SIGINT');
        expect(await first.exit(10)).toEqual({ code: 5, signal: null });
        const exit = (performance.now() - interrupted) / 1000;
        expect(exit, 'seconds to leave').toBeLessThan(5);
        expect(have, 'pieces at the interruption').toBeLessThan(total);

        const resumed = performance.now();
        const second = new Ensemble(lab, args);
        memory.push(new MemoryWatch(second.child.pid));
        const done = await second.done(SECONDS);
        const rest = (performance.now() - resumed) / 1000;
        for (const one of memory) one.stop();
        expect(done).toMatchObject({ hashFailures: 0, duplicatePieces: 0 });
        // What was there is not fetched again, except for pieces that were in flight at the interruption.
        const fetched = done.identities.reduce((sum, identity) => sum + identity.pieces, 0);
        expect(fetched).toBeLessThanOrEqual(total - have);
        await lab.run(['diff', '-rq', folder, out], SECONDS);
        if (!FULL) return;
        const seconds = (interrupted - begun) / 1000;
        const before = `${have} of ${total} pieces in ${seconds.toFixed(1)} s, left within ${exit.toFixed(1)} s`;
        figure(test, `${what}: ${before}, the rest in ${rest.toFixed(1)} s; most memory ${memory.join(', then ')}`);
      } finally {
        await lab.close();
      }
    },
  );
});
