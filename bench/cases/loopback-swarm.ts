import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, SEED_PORT, TRACKER_PORT } from '../lib/addresses.ts';
import type { Bench } from '../lib/bench.ts';
import { start } from '../lib/child.ts';
import { PYTHON } from '../lib/clients.ts';
import { SEED } from '../lib/libtorrent.ts';
import type { Payload } from '../lib/payload.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import { fixedTracker } from '../lib/tracker.ts';

export interface LoopbackSwarm {
  readonly payload: Payload;
  readonly torrent: string;
  close(): Promise<void>;
}

/** A payload, its torrent, a tracker that knows one seed, and that seed (libtorrent). */
export async function loopbackSwarm(
  bench: Bench,
  input: { readonly mib: number; readonly pieceKib: number; readonly payload?: Payload },
): Promise<LoopbackSwarm> {
  const folder = bench.folder();
  const payload = input.payload ?? makePayload(`${folder}/seed`, input.mib);
  const host = addressOf(0);
  const tracker = await fixedTracker(host, TRACKER_PORT, () => [{ host, port: SEED_PORT }]);
  const torrent = makeTorrent(payload, input.pieceKib, [tracker.url], `${folder}/payload.torrent`);
  writeFileSync(`${folder}/seed.py`, SEED);
  const argv = [PYTHON, '-W', 'ignore', `${folder}/seed.py`, torrent, payload.folder, `${host}:${SEED_PORT}`];
  const seed = bench.service(start(argv));
  for (let i = 0; !seed.output().includes('ready'); i++) {
    if (seed.over() || i > 600) throw new Error(`The seed does not start: ${seed.output()}`);
    await sleep(50);
  }
  return {
    payload,
    torrent,
    async close() {
      tracker.close();
      await bench.end(seed);
    },
  };
}
