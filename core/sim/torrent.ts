import { createHash } from 'node:crypto';
import { encodeTorrent } from '../metainfo/make-torrent.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import type { SeededRandom } from './random.ts';

export interface SimTorrent {
  readonly torrent: Torrent;
  /** The content of all files, in the torrent's order. */
  readonly payload: Uint8Array;
}

/** A torrent of random bytes with its payload. `files`: a single file's length, or paths with lengths. */
export function simTorrent(
  random: SeededRandom,
  options: {
    readonly files: number | readonly { readonly path: readonly string[]; readonly length: number }[];
    readonly pieceLength: number;
    readonly name?: string;
    readonly trackers?: readonly (readonly string[])[];
    readonly private?: boolean;
  },
): SimTorrent {
  const { files, pieceLength } = options;
  const length = typeof files === 'number' ? files : files.reduce((sum, file) => sum + file.length, 0);
  const payload = random.bytes(length);
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < length; at += pieceLength) {
    hashes.push(
      createHash('sha1')
        .update(payload.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const data = encodeTorrent({
    name: options.name ?? 'payload',
    files,
    pieceLength,
    pieceHashes: Buffer.concat(hashes),
    trackers: options.trackers ?? [],
    anyNames: true,
    private: options.private ?? false,
  });
  return { torrent: parseTorrent(data), payload };
}
