import type { DiskFile } from './disk.ts';

/** Where bytes are to be written. */
export interface CopyTarget {
  readonly file: DiskFile;
  readonly position: number;
}

/** Hashing that does not hold up the event loop: on threads, or in short slices where processes share the cores. */
export interface Hasher {
  /** Memory for what `sha1` will read, of the kind that it reads best. Zeroed or not: do not rely on it. */
  allocate(size: number): Uint8Array;
  /** The 20 bytes of SHA-1. `data` must not change until it resolves. */
  sha1(data: Uint8Array): Promise<Uint8Array>;
  /**
   * The same of memory from `allocate`, whole or its beginning, that nobody else looks at: it goes to who hashes it,
   * and `data` is where it is afterwards. The views of before are of no use any more; where this rejects, it is lost.
   */
  sha1Moving(data: Uint8Array): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }>;
  /**
   * The SHA-1 of bytes that lie in a file, read by who hashes them; the file must stay open until it resolves. Undefined
   * where they cannot be read in this way, or not all of them are there: read them yourself and see. With `copy` they
   * are written there as they pass by; where this is undefined, some of them may have been.
   */
  sha1Stored(file: DiskFile, position: number, length: number, copy?: CopyTarget): Promise<Uint8Array | undefined>;
  /** So many processes of one download hash on this machine at the same time: with several, each does it on its own loop. */
  share(processes: number): void;
  /** How many can run at the same time. */
  readonly parallelism: number;
  close(): Promise<void>;
}
