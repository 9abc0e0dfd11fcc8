import type { Hashing } from '../base/hashing.ts';
import type { DiskFile } from './disk.ts';

/** Where bytes are to be written. */
export interface CopyTarget {
  readonly file: DiskFile;
  readonly position: number;
}

/** Hashing that does not block the event loop: on threads, or in short slices where processes share the cores. */
export interface Hasher {
  /** Memory of the kind that hashing reads fastest. It may or may not be zeroed. */
  allocate(size: number): Uint8Array;
  /** Memory from `allocate` that is not needed any more: it may be given out again. */
  free?(memory: Uint8Array): void;
  /** The digest of bytes, by default their SHA-1. `data` must not change until it resolves. */
  hash(data: Uint8Array, hashing?: Hashing): Promise<Uint8Array>;
  /**
   * As `hash`, for memory from `allocate` (all of it or its beginning) that nobody else uses: it is moved to the thread that hashes
   * it and comes back as `data`. Earlier views of it are no longer usable; where this rejects, the memory is lost.
   */
  hashMoving(data: Uint8Array, hashing: Hashing): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }>;
  /**
   * The digest of bytes in a file, which the hashing thread reads itself; the file must stay open until it resolves. Undefined where
   * they cannot be read in this way, or not all of them are there: then read them yourself. With `copy` they are also written
   * there; where the result is undefined, some of them may have been.
   */
  hashStored(
    file: DiskFile,
    position: number,
    length: number,
    hashing: Hashing,
    copy?: CopyTarget,
  ): Promise<Uint8Array | undefined>;
  /** Says how many processes of one download hash on this machine at the same time: if several do, each hashes on its own loop. */
  share(processes: number): void;
  /** How many hashes can be computed at the same time. */
  readonly parallelism: number;
  close(): Promise<void>;
}
