import { sameBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import { diskCode } from '../ports/disk.ts';
import type { Hasher } from '../ports/hasher.ts';
import type { Ports } from '../ports/ports.ts';
import type { StoreLocation } from './layout.ts';
import { openPlacement } from './open-placement.ts';
import type { Placement } from './placement.ts';

/** What is to be checked, where. A plain folder of finished files: `assembled`, with the folder as `output`. */
export interface RecheckInput {
  readonly info: Pick<Info, 'infoHash' | 'files' | 'pieceHashes'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** K. */
  readonly count: number;
  /** Undefined: all. */
  readonly pieces?: Iterable<number>;
  /** Identity that fetched each piece, 255 unknown. */
  readonly owners?: Uint8Array;
}

/**
 * Reads pieces where they lie and checks their hashes, as many at a time as can be hashed, each in one read a file.
 * Answers one byte for each piece of the torrent, 1 where it was checked and is right; what is missing, cut short or
 * unreadable is not right, and no error. What is right in a working folder is durable, too. Rejects with EnsembleError('interrupted') when `signal` says so, 'disk' where
 * reading is not allowed.
 */
export async function recheck(
  ports: Pick<Ports, 'disk' | 'hasher'>,
  input: RecheckInput,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { geometry } = input;
  const good = new Uint8Array(geometry.pieceCount);
  const pieces = [...(input.pieces ?? good.keys())]
    .filter((index) => index >= 0 && index < good.length)
    .map(pieceIndex);
  const owners = input.owners ?? new Uint8Array(geometry.pieceCount).fill(255);
  const placement = openPlacement(ports.disk, { ...input, owners });
  const zeros = new ZeroPieces(ports.hasher);
  let next = 0;
  let done = 0;
  const check = async (piece: PieceIndex, data: Uint8Array): Promise<void> => {
    if (signal?.aborted === true) throw new EnsembleError('interrupted', 'The check was stopped.');
    if (await readPiece(placement, piece, data)) {
      const hash = isZero(data) ? await zeros.sha1(data) : await ports.hasher.sha1(data);
      if (sameBytes(hash, input.info.pieceHashes.subarray(piece * 20, piece * 20 + 20))) good[piece] = 1;
    }
    done++;
    onProgress(done, pieces.length);
  };
  const lane = async (): Promise<void> => {
    const buffer = ports.hasher.allocate(geometry.pieceLength);
    try {
      for (let piece = pieces[next++]; piece !== undefined; piece = pieces[next++]) {
        await check(piece, buffer.subarray(0, geometry.pieceSize(piece)));
      }
    } catch (error) {
      next = pieces.length;
      throw error;
    }
  };
  // One more than can be hashed: it reads meanwhile.
  const lanes = Math.min(ports.hasher.parallelism + 1, pieces.length);
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  try {
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (!input.location.assembled) await makeDurable(placement, good);
  } finally {
    await placement.close();
  }
  return good;
}

/** What was read may have come from memory that a power cut would still lose: who is told that it is right may rely on it. */
async function makeDurable(placement: Placement, good: Uint8Array): Promise<void> {
  for (let index = 0; index < good.length; index++) if (good[index] === 1) await placement.confirm(pieceIndex(index));
  try {
    await placement.sync();
  } catch (error) {
    // Where nothing can be written, nothing waits to be.
    if (!['EROFS', 'EACCES', 'EPERM'].includes(diskCode(error) ?? '')) throw error;
  }
}

/** False also where the disk cannot read those bytes: they are to be fetched again. */
async function readPiece(placement: Placement, piece: PieceIndex, into: Uint8Array): Promise<boolean> {
  try {
    return await placement.read(piece, 0, into);
  } catch (error) {
    if (['EIO', 'EISDIR', 'ENOTDIR'].includes(diskCode(error) ?? '')) return false;
    throw error;
  }
}

/** Holes of sparse files read as zeros, fast; hashing them would not be. The hash of so many zeros is made once. */
class ZeroPieces {
  readonly #hasher: Hasher;
  readonly #hashes = new Map<number, Promise<Uint8Array>>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  sha1(zeros: Uint8Array): Promise<Uint8Array> {
    let hash = this.#hashes.get(zeros.length);
    if (hash === undefined) {
      hash = this.#hasher.sha1(zeros);
      this.#hashes.set(zeros.length, hash);
    }
    return hash;
  }
}

function isZero(data: Uint8Array): boolean {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteOffset % 4 === 0 ? data.length >>> 2 : 0);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = words.length * 4; i < data.length; i++) if (data[i] !== 0) return false;
  return true;
}
