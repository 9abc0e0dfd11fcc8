import type { Disk } from '../ports/disk.ts';

/** Bytes of a piece that are read from disk at a time: 16 blocks of an upload. */
export const CHUNK_LENGTH = 256 * 1024;
/** Bytes of the cache of a process, for all its downloads. */
const BUDGET = 8 * 1024 * 1024;

interface Chunk {
  readonly bytes: number;
  readonly data: Promise<Uint8Array>;
}

/** The chunks of verified pieces that were used last; requests for the same chunk share one read. */
export class ReadCache {
  readonly #budget: number;
  /** In order of last use. */
  readonly #chunks = new Map<string, Chunk>();
  #bytes = 0;

  constructor(budget = BUDGET) {
    this.#budget = budget;
  }

  /** The chunk of this key; `load` is called where it is not in the cache. A failure is not kept. */
  get(key: string, bytes: number, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#chunks.get(key);
    if (known !== undefined) {
      this.#chunks.delete(key);
      this.#chunks.set(key, known);
      return known.data;
    }
    const chunk: Chunk = { bytes, data: load() };
    this.#chunks.set(key, chunk);
    this.#bytes += bytes;
    chunk.data.catch(() => {
      if (this.#chunks.get(key) === chunk) this.drop(key);
    });
    for (const oldest of this.#chunks.keys()) {
      if (this.#bytes <= this.#budget || oldest === key) break;
      this.drop(oldest);
    }
    return chunk.data;
  }

  drop(key: string): void {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return;
    this.#chunks.delete(key);
    this.#bytes -= chunk.bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

const caches = new WeakMap<Disk, ReadCache>();

/** The one cache of a process. */
export function readCacheOf(disk: Disk): ReadCache {
  let cache = caches.get(disk);
  if (cache === undefined) {
    cache = new ReadCache();
    caches.set(disk, cache);
  }
  return cache;
}
