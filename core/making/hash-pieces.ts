import { EnsembleError, messageOf } from '../base/errors.ts';
import { type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import { HASH_LENGTH } from '../merkle/tree.ts';
import { SHA1_LENGTH } from '../metainfo/content-v1.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { TorrentInput } from '../metainfo/make-torrent.ts';
import { hashingOf } from '../metainfo/piece-check.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk, DiskFile } from '../ports/disk.ts';
import type { Hasher } from '../ports/hasher.ts';
import type { PayloadFile } from './payload-files.ts';

interface HashInput {
  /** In the torrent's order. */
  readonly files: readonly PayloadFile[];
  /** The torrent but for its hashes (`planTorrent`). */
  readonly plan: Info;
}

/** What `encodeTorrent` needs of the pieces. */
type Hashes = Required<Pick<TorrentInput, 'pieceHashes' | 'pieceRoots'>>;

/** Hashes each piece of a torrent's files. Reads ahead while threads hash. EnsembleError('disk') for a file that shrank. */
export async function hashPieces(
  { disk, hasher }: { readonly disk: Disk; readonly hasher: Hasher },
  { files, plan }: HashInput,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Hashes> {
  const geometry = new Geometry(plan);
  const { pieceCount, pieceLength } = geometry;
  const out: Hashes = {
    pieceHashes: new Uint8Array(plan.pieceHashes.length),
    pieceRoots: new Uint8Array(plan.id.v2 === undefined ? 0 : pieceCount * HASH_LENGTH),
  };
  const reader = new SequentialReader(disk, files);
  const free = Array.from({ length: hasher.parallelism + 1 }, () => hasher.allocate(pieceLength));
  const running = new Set<Promise<void>>();
  let failure: Error | undefined;
  let done = 0;
  const fill = async (piece: PieceIndex, data: Uint8Array): Promise<void> => {
    for (const span of geometry.spans(piece)) {
      const part = data.subarray(span.at, span.at + span.length);
      if (plan.files[span.file]?.padding === true) part.fill(0);
      else await reader.read(part);
    }
  };
  const put = (piece: PieceIndex, digest: Uint8Array): void => {
    const sha1 = plan.id.v1 === undefined ? 0 : SHA1_LENGTH;
    out.pieceHashes.set(digest.subarray(0, sha1), piece * sha1);
    if (plan.id.v2 !== undefined) out.pieceRoots.set(digest.subarray(sha1), piece * HASH_LENGTH);
    done += geometry.dataSize(piece);
    onProgress(done);
  };
  try {
    for (let p = 0; p < pieceCount && failure === undefined; p++) {
      signal.throwIfAborted();
      while (free.length === 0) await Promise.race(running);
      const piece = pieceIndex(p);
      const buffer = free.pop() ?? hasher.allocate(pieceLength);
      const data = buffer.subarray(0, geometry.pieceSize(piece));
      await fill(piece, data);
      const work: Promise<void> = hasher
        .hash(data, hashingOf(plan, geometry, piece))
        .then((digest) => put(piece, digest))
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new EnsembleError('disk', messageOf(error));
        })
        .finally(() => {
          free.push(buffer);
          running.delete(work);
        });
      running.add(work);
    }
  } finally {
    await Promise.all(running);
    await reader.close();
  }
  if (failure !== undefined) throw failure;
  return out;
}

/** The bytes of several files one after the other. */
class SequentialReader {
  readonly #disk: Disk;
  readonly #files: readonly PayloadFile[];
  #index = 0;
  #position = 0;
  #open: DiskFile | undefined;

  constructor(disk: Disk, files: readonly PayloadFile[]) {
    this.#disk = disk;
    this.#files = files;
  }

  async read(into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length;) {
      const file = this.#files[this.#index];
      if (file === undefined) throw new EnsembleError('disk', 'The files became shorter while they were read.');
      if (this.#position >= file.length) {
        await this.close();
        this.#index++;
        this.#position = 0;
        continue;
      }
      this.#open ??= await this.#disk.open(file.source, 'read');
      const wanted = Math.min(into.length - at, file.length - this.#position);
      const got = await this.#open.read(into.subarray(at, at + wanted), this.#position);
      if (got === 0) throw new EnsembleError('disk', `${file.source} became shorter while it was read.`);
      at += got;
      this.#position += got;
    }
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}
