import { EnsembleError } from '../../base/errors.ts';
import { type Hashing, hashingKey } from '../../base/hashing.ts';
import { type PieceIndex, piece as pieceIndex, unknownOwners } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { hashingOf, isPieceRight } from '../../metainfo/piece-check.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { diskCode } from '../../ports/disk.ts';
import type { CopyTarget, Hasher } from '../../ports/hasher.ts';
import type { Ports } from '../../ports/ports.ts';
import type { StoreLocation } from './layout.ts';
import { openPlacement } from './open-placement.ts';
import type { Placement } from './placement.ts';

/** What is to be checked, and where. For a plain folder of finished files: `assembled`, with the folder as `output`. */
export interface RecheckInput {
  readonly info: Pick<Info, 'infoHash' | 'files' | 'pieceHashes' | 'pieceRoots'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** K. */
  readonly count: number;
  /** Which pieces to check; undefined: all. */
  readonly pieces?: Iterable<number>;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners?: Uint8Array;
}

/**
 * Reads pieces where they lie and checks their hashes, as many at a time as can be hashed; a piece that lies in one file
 * is read by the thread that hashes it.
 * Resolves to one byte for each piece of the torrent, 1 where it was checked and is right; missing, short or unreadable pieces are
 * not right, but no error. Right pieces in a working folder are also made durable. Rejects with EnsembleError('interrupted') when
 * `signal` says so, 'disk' where reading is not allowed.
 */
export async function recheck(
  ports: Pick<Ports, 'disk' | 'hasher'>,
  input: RecheckInput,
  onProgress: (done: number, total: number) => void,
  signal?: StopSignal,
): Promise<Uint8Array> {
  const { geometry } = input;
  const good = new Uint8Array(geometry.pieceCount);
  const pieces = [...(input.pieces ?? good.keys())]
    .filter((index) => index >= 0 && index < good.length)
    .map(pieceIndex);
  const owners = input.owners ?? unknownOwners(geometry.pieceCount);
  const placement = openPlacement(ports.disk, { ...input, owners });
  // A file that this process has open may have been replaced by another one of the same name.
  await placement.close();
  const zeros = new ZeroPieces(ports.hasher);
  let next = 0;
  let done = 0;
  const check = async (piece: PieceIndex, lane: Lane): Promise<void> => {
    if (signal?.aborted === true) throw new EnsembleError('interrupted', 'The check was stopped.');
    const size = geometry.pieceSize(piece);
    const hashing = hashingOf(input.info, geometry, piece);
    const stored = await hashStored(ports.hasher, placement, piece, { size, hashing });
    const digest = stored ?? (await lane.hash(piece, { size, hashing }));
    if (digest !== undefined && isPieceRight(input.info, piece, digest)) good[piece] = 1;
    done++;
    onProgress(done, pieces.length);
  };
  const run = async (): Promise<void> => {
    const lane = new Lane(ports.hasher, placement, zeros);
    try {
      for (let piece = pieces[next++]; piece !== undefined; piece = pieces[next++]) await check(piece, lane);
    } catch (error) {
      next = pieces.length;
      throw error;
    } finally {
      lane.close();
    }
  };
  // More than can be hashed at a time, so that the next pieces are there already when a thread has done one.
  const lanes = Math.min(ports.hasher.parallelism + 2, pieces.length);
  const ends = await Promise.allSettled(Array.from({ length: lanes }, run));
  try {
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (!input.location.assembled) await makeDurable(placement, good);
  } finally {
    await placement.close();
  }
  return good;
}

/** Makes right pieces durable, as callers rely on them: what was read may have come from memory that a power cut would still lose. */
async function makeDurable(placement: Placement, good: Uint8Array): Promise<void> {
  for (let index = 0; index < good.length; index++) if (good[index] === 1) await placement.confirm(pieceIndex(index));
  try {
    await placement.sync();
  } catch (error) {
    // Where nothing can be written, nothing is waiting to be written.
    if (!['EROFS', 'EACCES', 'EPERM'].includes(diskCode(error) ?? '')) throw error;
  }
}

/** How much of a piece is hashed, and how. */
export interface Digesting {
  readonly size: number;
  readonly hashing: Hashing;
}

/**
 * The digest of a piece that is read by the thread that hashes it, and copied by it if `copy` says so. Undefined where that is
 * impossible or something went wrong: the piece then has to be read in another way.
 */
export async function hashStored(
  hasher: Hasher,
  placement: Placement,
  piece: PieceIndex,
  { size, hashing }: Digesting,
  copy?: CopyTarget,
): Promise<Uint8Array | undefined> {
  try {
    return await placement.whole(piece, (file, position) => hasher.hashStored(file, position, size, hashing, copy));
  } catch (error) {
    if (diskCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Reads pieces one after the other into a buffer of its own. */
class Lane {
  readonly #hasher: Hasher;
  readonly #placement: Placement;
  readonly #zeros: ZeroPieces;
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(hasher: Hasher, placement: Placement, zeros: ZeroPieces) {
    this.#hasher = hasher;
    this.#placement = placement;
    this.#zeros = zeros;
  }

  /** Undefined also where the disk cannot read the bytes: they have to be fetched again. */
  async hash(piece: PieceIndex, { size, hashing }: Digesting): Promise<Uint8Array | undefined> {
    if (this.#buffer.length < size) this.#buffer = this.#hasher.allocate(size);
    const data = this.#buffer.subarray(0, size);
    if (!(await this.#read(piece, data))) return undefined;
    if (isZero(data)) return this.#zeros.hash(data, hashing);
    const hashed = await this.#hasher.hashMoving(data, hashing);
    this.#buffer = new Uint8Array(hashed.data.buffer, 0, size);
    return hashed.digest;
  }

  close(): void {
    if (this.#buffer.length > 0) this.#hasher.free?.(this.#buffer);
    this.#buffer = new Uint8Array(0);
  }

  async #read(piece: PieceIndex, into: Uint8Array): Promise<boolean> {
    try {
      return await this.#placement.read(piece, 0, into);
    } catch (error) {
      if (['EIO', 'EISDIR', 'ENOTDIR', 'ELOOP'].includes(diskCode(error) ?? '')) return false;
      throw error;
    }
  }
}

/** Holes of sparse files are read quickly, as zeros, but hashing these would take long: the hash of an all-zero piece is computed once. */
class ZeroPieces {
  readonly #hasher: Hasher;
  readonly #hashes = new Map<string, Promise<Uint8Array>>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  hash(zeros: Uint8Array, hashing: Hashing): Promise<Uint8Array> {
    const key = `${zeros.length}.${hashingKey(hashing)}`;
    let hash = this.#hashes.get(key);
    if (hash === undefined) {
      hash = this.#hasher.hash(zeros, hashing);
      this.#hashes.set(key, hash);
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
