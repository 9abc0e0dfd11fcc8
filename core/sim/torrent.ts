import { createHash } from 'node:crypto';
import { encodeTorrent } from '../metainfo/make-torrent.ts';
import { encodeV2, v2Parts } from '../metainfo/testing/v2-torrents.ts';
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
    /** Undefined: 1. */
    readonly version?: 1 | 2 | 'hybrid';
  },
): SimTorrent {
  const { files, pieceLength, version = 1 } = options;
  if (version !== 1) return v2Torrent(options);
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

/** The same of version 2 or both: its payload has gaps, or padding, up to the piece in which each file starts. */
function v2Torrent(options: Parameters<typeof simTorrent>[1]): SimTorrent {
  const { files, pieceLength, trackers = [] } = options;
  const list = typeof files === 'number' ? [{ path: ['payload'], length: files }] : files;
  const made = v2Parts(list, pieceLength, { hybrid: options.version === 'hybrid' });
  const fields = trackers.length === 0 ? {} : { 'announce-list': trackers.map((tier) => [...tier]) };
  const torrent = parseTorrent(
    encodeV2({ ...made, info: { ...made.info, ...(options.private === true && { private: 1 }) } }, fields),
  );
  const { info } = torrent;
  const payload = new Uint8Array(info.pieceCount * pieceLength);
  const stored = info.files.filter(({ padding }) => !padding);
  for (const [i, { offset }] of stored.entries()) payload.set(made.contents[i] ?? [], offset);
  return { torrent, payload };
}
