import { libtorrentCommand } from '../../core/lab/real/libtorrent.ts';
import { startTransmission } from '../../core/lab/real/transmission.ts';
import { chmod, writeFile } from 'node:fs/promises';
import type { Child } from '../../core/lab/real/child.ts';
import { type Lab, untilListens } from './lab.ts';

/** Path of a torrent, its info-hash, and the folder with its payload. */
export interface MadeTorrent {
  readonly torrent: string;
  readonly infoHash: string;
  /** Of version 2, where it has one. */
  readonly v2?: string;
  readonly folder: string;
}

/** Makes a torrent with libtorrent, of version 1 unless said otherwise, of `name` in `folder`. Each tracker is a tier of its own. */
export async function makeTorrent(
  lab: Lab,
  input: {
    readonly folder: string;
    readonly name: string;
    readonly pieceLength: number;
    readonly version?: 1 | 2 | 'hybrid';
    readonly trackers: readonly string[];
  },
  seconds = 30,
): Promise<MadeTorrent> {
  const torrent = lab.path(`${input.name}-${input.trackers.join(' ').replace(/\W+/g, '-')}.torrent`);
  const args = ['make', input.folder, input.name, torrent, String(input.pieceLength), String(input.version ?? 1)];
  const output = await lab.run(libtorrentCommand(...args, ...input.trackers), seconds);
  const { infoHash, v2 } = JSON.parse(output) as { infoHash: string; v2: string | null };
  return { torrent, infoHash, ...(v2 !== null && { v2 }), folder: input.folder };
}

/** The announce URLs of a tracker at one address and port. */
export const httpTracker = (host: string): string => `http://${host}:6969/announce`;
export const udpTracker = (host: string): string => `udp://${host}:6969/announce`;

/** Starts opentracker for HTTP and UDP on port 6969; it serves these torrents only. */
export async function startOpentracker(
  lab: Pick<Lab, 'path' | 'start' | 'listens'>,
  host: string,
  infoHashes: readonly string[],
): Promise<Child> {
  const whitelist = lab.path('whitelist');
  await writeFile(whitelist, infoHashes.map((hash) => `${hash.slice(0, 40)}\n`).join(''));
  await chmod(whitelist, 0o644);
  // opentracker changes its user, which cancels the setting that ends it with us. So a shell ends it when the shell's input ends.
  const supervised = 'opentracker "$@" </dev/null >/dev/null 2>&1 & tracker=$!; cat >/dev/null; kill $tracker';
  const args = ['-i', host, '-p', '6969', '-P', '6969', '-w', whitelist];
  const child = lab.start('opentracker', ['sh', '-c', supervised, 'sh', ...args], { endsByInput: true });
  await untilListens(child, () => lab.listens(host, 6969));
  return child;
}

/** Asks the tracker again and again, and ends once it knows a seed. */
const SCRAPE = `
const { get } = require('node:http');
const again = () => setTimeout(ask, 200);
const ask = () => get(process.argv[1], (answer) => {
  let text = '';
  answer.on('data', (data) => (text += data.toString('latin1')));
  answer.on('end', () => (/8:completei[1-9]/.test(text) ? process.exit(0) : again()));
}).on('error', again);
ask();`;

/** Resolves when the tracker of a scene knows a seed: a client that announces before that asks again only much later. */
export async function untilSeedIsKnown(lab: Lab, host: string, infoHash: string): Promise<void> {
  const wanted = infoHash.replace(/../g, '%$&');
  const url = `http://${host}:6969/scrape?info_hash=${wanted}`;
  const child = lab.start('scrape', ['node', '-e', SCRAPE, url]);
  await child.until(() => child.ended, 'a seed that the tracker knows', 5);
}

/** Starts a Transmission seed and waits until the tracker at `tracker` knows it. */
export async function startKnownTransmissionSeed(
  lab: Lab,
  options: { readonly address: string; readonly torrent: string; readonly folder: string },
  tracker: string,
  infoHash: string,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const seed = await startTransmission(lab, options);
    try {
      return await untilSeedIsKnown(lab, tracker, infoHash);
    } catch (error) {
      // If its first datagram to a UDP tracker gets no answer, it tries again only after most of a minute.
      if (tries === 3) throw error;
      await seed.stop(2);
    }
  }
}
