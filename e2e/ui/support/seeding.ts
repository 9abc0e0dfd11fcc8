import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startSeeds } from '../../../core/entry/local-swarm.ts';
import { encodeTorrent } from '../../../core/metainfo/make-torrent.ts';
import { startLocalTracker } from '../../../core/node/local-tracker.ts';
import { root } from './places.ts';

/** A torrent with very many pieces that takes no disk space: its file is sparse and all zeros. */
export interface LargeSwarm {
  readonly torrent: Uint8Array;
  close(): Promise<void>;
}

/**
 * Makes such a torrent and seeds it, with a process of the command line for each seed, or all in this process (`here`), which
 * costs less where there are many slow ones. `uploadRate`: bytes/s of each seed; 0: no limit.
 */
export async function startLargeSwarm(options: {
  readonly folder: string;
  readonly name: string;
  readonly pieces: number;
  readonly pieceLength: number;
  readonly seeds: number;
  readonly uploadRate: number;
  readonly here?: boolean;
}): Promise<LargeSwarm> {
  const { folder, name, pieces, pieceLength, seeds, uploadRate } = options;
  const payload = path.join(folder, 'seed');
  await mkdir(payload, { recursive: true });
  const file = await open(path.join(payload, name), 'w');
  await file.truncate(pieces * pieceLength);
  await file.close();
  const hash = createHash('sha1').update(new Uint8Array(pieceLength)).digest();
  const tracker = await startLocalTracker();
  const torrent = encodeTorrent({
    name,
    files: pieces * pieceLength,
    pieceLength,
    pieceHashes: Buffer.concat(Array.from({ length: pieces }, () => hash)),
    trackers: [[tracker.url]],
  });
  const torrentFile = path.join(folder, `${name}.torrent`);
  await writeFile(torrentFile, torrent);
  if (options.here === true) {
    const seeding = startSeeds(torrent, payload, seeds, uploadRate);
    return {
      torrent,
      close: async () => {
        await seeding.stop();
        await tracker.close();
      },
    };
  }
  const limit = uploadRate === 0 ? [] : ['--up', String(uploadRate)];
  const seeding: ChildProcess[] = Array.from({ length: seeds }, () =>
    spawn(process.execPath, [path.join(root, 'dist/cli/main.js'), 'seed', torrentFile, payload, ...limit], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  return {
    torrent,
    close: async () => {
      for (const child of seeding) child.kill('SIGKILL');
      await tracker.close();
    },
  };
}
