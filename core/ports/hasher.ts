/** Hashing off the event loop. */
export interface Hasher {
  /** Memory for what `sha1` will read, of the kind that it reads best. Zeroed or not: do not rely on it. */
  allocate(size: number): Uint8Array;
  /** The 20 bytes of SHA-1. `data` must not change until it resolves. */
  sha1(data: Uint8Array): Promise<Uint8Array>;
  /**
   * The same of memory from `allocate`, whole or its beginning, that nobody else looks at: it is moved to who hashes it,
   * and `data` is where it is afterwards. The views of before have no bytes any more; where this rejects, it is lost.
   */
  sha1Moving(data: Uint8Array): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }>;
  /** How many can run at the same time. */
  readonly parallelism: number;
  close(): Promise<void>;
}
