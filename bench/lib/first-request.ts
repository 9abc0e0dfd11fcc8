import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { addressOf, IDENTITIES_FROM, TRACKER_PORT } from './addresses.ts';
import type { Bench } from './bench.ts';
import { start } from './child.ts';
import { PYTHON } from './clients.ts';
import { FIRST } from './libtorrent.ts';
import { cpuOf, treeOf } from './processes.ts';
import { fixedTracker } from './tracker.ts';
import { waitingSeed } from './waiting-seed.ts';

const SEED_PORT = 51980;
/** A seed that is asked for nothing for so long (ms) will not be. */
const PATIENCE = 120_000;

/** A torrent of made-up hashes, so that no data is needed. */
export interface MadeUp {
  readonly files: number;
  readonly pieces: number;
}

/** From the start of a program to its first request at a seed, of each of its identities: seconds, and CPU seconds of all its processes until then. */
export interface FirstRequest {
  readonly wall: number;
  readonly cpu: number;
}

/** How the first request of a program is waited for. */
export interface Starting {
  /** The command of a build, with so many identities: until each has asked. */
  ensemble(dist: string, identities: number): Promise<FirstRequest>;
  libtorrent(): Promise<FirstRequest>;
}

/** Calls `use` while the tracker and the seed of such a torrent are there. */
export async function withWaitingSeed(bench: Bench, made: MadeUp, use: (starting: Starting) => Promise<void>) {
  const folder = bench.folder();
  const torrent = `${folder}/made-up.torrent`;
  const host = addressOf(IDENTITIES_FROM);
  const seedAt = { host: addressOf(1), port: SEED_PORT };
  const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => [seedAt]);
  writeFileSync(torrent, madeUpTorrent(made, tracker.url));
  writeFileSync(`${folder}/first.py`, FIRST);
  const { info } = parseTorrent(new Uint8Array(readFileSync(torrent)));
  const seed = await waitingSeed(seedAt, info);
  const once = async (argv: readonly string[], peers = 1): Promise<FirstRequest> => {
    const out = `${folder}/out`;
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    const asked = seed.asked(peers);
    const from = performance.now();
    const program = bench.service(start(argv));
    try {
      const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE, undefined).unref());
      const at = await Promise.race([asked, late, program.ended.then(() => undefined)]);
      if (at === undefined) throw new Error(`nothing was asked for: ${program.output().slice(-1000)}`);
      return { wall: (at - from) / 1000, cpu: cpuOf(treeOf(program.pid)) };
    } finally {
      await bench.end(program);
    }
  };
  const get = (dist: string, identities: number): string[] => {
    const bind = Array.from({ length: identities }, (_, i) => addressOf(IDENTITIES_FROM + i)).join(',');
    const flags = ['-n', `${identities}`, '--bind', bind, '--encryption', 'off', '--no-dht', '--json'];
    return [process.execPath, `${dist}/cli/main.js`, 'get', torrent, '-o', `${folder}/out`, ...flags];
  };
  try {
    await use({
      ensemble: (dist, identities) => once(get(dist, identities), identities),
      libtorrent: () => once([PYTHON, '-W', 'ignore', `${folder}/first.py`, torrent, `${folder}/out`, host]),
    });
  } finally {
    seed.close();
    tracker.close();
  }
}

function madeUpTorrent({ files, pieces }: MadeUp, tracker: string): Uint8Array {
  const pieceLength = 64 * 1024;
  const length = (pieces / files) * pieceLength;
  return encodeTorrent({
    name: 'made-up',
    files:
      files === 1
        ? length
        : Array.from({ length: files }, (_, i) => ({ path: [`folder ${i % 500}`, `file number ${i}.bin`], length })),
    pieceLength,
    pieceHashes: randomBytes(20 * pieces),
    trackers: [[tracker]],
  });
}
