import { inTreeOrder } from '../metainfo/made-content.ts';
import type { TorrentVersion } from '../metainfo/torrent-id.ts';
import { encodeTorrent, planTorrent } from '../metainfo/make-torrent.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { madeHashes } from '../metainfo/testing/made-hashes.ts';
import type { Info, Torrent } from '../metainfo/torrent.ts';
import type { SeededRandom } from './random.ts';

export interface SimTorrent {
  readonly torrent: Torrent;
  /** The content of all files, each at its offset; zeros between them. */
  readonly payload: Uint8Array;
}

/** A torrent of random bytes with its payload. `files`: a single file's length, or paths with lengths, which version 2 sorts. */
export function simTorrent(
  random: SeededRandom,
  options: {
    readonly files: number | readonly { readonly path: readonly string[]; readonly length: number }[];
    readonly pieceLength: number;
    readonly name?: string;
    readonly trackers?: readonly (readonly string[])[];
    readonly private?: boolean;
    readonly version?: TorrentVersion;
  },
): SimTorrent {
  const { pieceLength, version = 1 } = options;
  const files = version === 1 || typeof options.files === 'number' ? options.files : inTreeOrder(options.files);
  const input = {
    name: options.name ?? 'payload',
    version,
    files,
    pieceLength,
    trackers: options.trackers ?? [],
    anyNames: true,
    private: options.private ?? false,
  };
  const plan = planTorrent(input);
  const payload = new Uint8Array(spanOf(plan));
  for (const { offset, length, padding } of plan.files) if (!padding) payload.set(random.bytes(length), offset);
  const data = encodeTorrent({ ...input, ...madeHashes(plan, payload) });
  return { torrent: parseTorrent(data), payload };
}

/** Where the last file of a torrent ends. */
export function spanOf({ files }: Pick<Info, 'files'>): number {
  return files.reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
}
