import path from 'node:path';
import { EnsembleError } from '../base/errors.ts';
import type { MakeChoices } from '../engine/making.ts';
import { inTreeOrder } from '../metainfo/made-content.ts';
import { choosePieceLength, encodeTorrent, planTorrent, type TorrentInput } from '../metainfo/make-torrent.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Hasher } from '../ports/hasher.ts';
import { hashPieces } from './hash-pieces.ts';
import { listPayload, type Payload } from './payload-files.ts';

/** A torrent that can be made: what it is made of was looked at, nothing is hashed. */
export interface Planned {
  /** Bytes, and how many files they are in. */
  readonly length: number;
  readonly files: number;
  readonly pieceLength: number;
  /** Hashes everything; resolves to the torrent file and what is in it. `onProgress`: bytes so far. */
  make(
    hasher: Hasher,
    onProgress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly info: Info }>;
}

const VERSIONS = { '1': 1, '2': 2, hybrid: 'hybrid' } as const;

/** Looks at what is to become a torrent. What cannot be one is refused before hours of hashing, whatever the hashes will be. */
export async function planMaking(
  { disk, clock }: { readonly disk: Disk; readonly clock: Pick<Clock, 'wall'> },
  source: string,
  choices: MakeChoices,
  createdBy: string,
): Promise<Planned> {
  const payload = inOrder(await listPayload(disk, source, choices), choices.version);
  const total = payload.files.reduce((sum, file) => sum + file.length, 0);
  if (total === 0) throw new EnsembleError('usage', `${source} holds no bytes: nothing to make a torrent of.`);
  const pieceLength = choices.pieceLength ?? choosePieceLength(total, choices.pieces);
  const input = {
    ...contentOf(payload, choices.executable),
    name: path.basename(source),
    version: VERSIONS[choices.version],
    anyNames: choices.anyNames,
    pieceLength,
    trackers: choices.trackers,
    private: choices.private,
    ...(choices.source === undefined ? {} : { source: choices.source }),
    ...(choices.comment === undefined ? {} : { comment: choices.comment }),
    createdBy,
    creationDate: Math.floor(clock.wall() / 1000),
    webSeeds: choices.webSeeds,
  };
  const plan = planTorrent(input);
  return {
    length: total,
    files: payload.files.length,
    pieceLength,
    make: async (hasher, onProgress, signal) => {
      const hashes = await hashPieces({ disk, hasher }, { files: payload.files, plan }, onProgress, signal);
      const data = encodeTorrent({ ...input, ...hashes });
      // What we made must be valid, for us too.
      return { data, info: parseTorrent(data).info };
    },
  };
}

/** Version 2 says in which order files stand; version 1 has them as they were listed. */
function inOrder(payload: Payload, version: MakeChoices['version']): Payload {
  return version === '1' ? payload : { ...payload, files: inTreeOrder(payload.files) };
}

function contentOf({ single, files }: Payload, executable: boolean): Pick<TorrentInput, 'files' | 'executable'> {
  const [only] = files;
  if (single && only !== undefined) return { files: only.length, executable: executable && only.executable };
  return { files: files.map((file) => ({ ...file, executable: executable && file.executable })) };
}
