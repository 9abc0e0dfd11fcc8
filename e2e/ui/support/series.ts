import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LocalSeeds, startSeeds } from '../../../core/entry/local-swarm.ts';
import { encodeTorrent } from '../../../core/metainfo/make-torrent.ts';
import { startLocalTracker } from '../../../core/node/local-tracker.ts';

const PIECE = 64 * 1024;
const EPISODE = 512 * 1024;

/** A torrent with three seasons of two episodes in folders, and its seeds. */
export interface Series {
  readonly torrent: Uint8Array;
  readonly seeds: LocalSeeds;
  close(): Promise<void>;
}

/** Makes it and seeds it from this machine. `uploadRate`: bytes/s of each seed; 0: no limit. */
export async function startSeries(folder: string, name: string, uploadRate: number): Promise<Series> {
  const files = ['Season 1', 'Season 2', 'Season 3'].flatMap((season) =>
    ['Episode 1.mkv', 'Episode 2.mkv'].map((episode) => ({ path: [season, episode], length: EPISODE })),
  );
  const hashes: Buffer[] = [];
  for (const { path: names } of files) {
    const content = randomBytes(EPISODE);
    const file = path.join(folder, name, ...names);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    for (let at = 0; at < EPISODE; at += PIECE)
      hashes.push(
        createHash('sha1')
          .update(content.subarray(at, at + PIECE))
          .digest(),
      );
  }
  const tracker = await startLocalTracker();
  const trackers = [[tracker.url]];
  const torrent = encodeTorrent({ name, files, pieceLength: PIECE, pieceHashes: Buffer.concat(hashes), trackers });
  const seeds = startSeeds(torrent, folder, 1, uploadRate);
  return {
    torrent,
    seeds,
    close: async () => {
      await seeds.stop();
      await tracker.close();
    },
  };
}

/** The torrent file of a file that nobody has. */
export function torrentOf(name: string, trackers: readonly string[] = []): { name: string; data: Uint8Array } {
  const data = encodeTorrent({
    name,
    files: 20_000_000,
    pieceLength: 16 * 1024 * 1024,
    pieceHashes: randomBytes(40),
    trackers: trackers.length === 0 ? [] : [trackers],
  });
  return { name: `${name}.torrent`, data };
}

/** The same, as the system's dialog gives it to a page. */
export function chosen(file: { readonly name: string; readonly data: Uint8Array }): {
  name: string;
  mimeType: string;
  buffer: Buffer;
} {
  return { name: file.name, mimeType: 'application/x-bittorrent', buffer: Buffer.from(file.data) };
}
