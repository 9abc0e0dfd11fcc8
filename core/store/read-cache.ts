import type { Disk } from '../ports/disk.ts';
import { spacedLength } from './spaced-blocks.ts';

/** Bytes of a piece that are read from disk at a time: 16 blocks of an upload. */
export const CHUNK_LENGTH = 256 * 1024;
/** Bytes of memory that it takes. */
const CHUNK_MEMORY = spacedLength(CHUNK_LENGTH);
/** Bytes of the cache of a process, for all its downloads. */
const BUDGET = 8 * 1024 * 1024;

/** Bytes of memory of chunks that were let go, kept for the next ones: fresh memory costs page faults and garbage collections. */
const SPARE = 4 * 1024 * 1024;

/** What is held of a piece: nobody may change it, and it stays as it is until it is released. */
export interface HeldBytes {
  readonly data: Uint8Array;
  /** To be called once. Where it never is, the garbage collector takes the memory. */
  release(): void;
}

interface Chunk {
  readonly data: Uint8Array;
  readonly loaded: Promise<void>;
  /** How often it is held. */
  holds: number;
  /** It is in the cache. */
  cached: boolean;
}

/** The chunks of verified pieces that were used last; requests for the same chunk share one read. */
export class ReadCache {
  readonly #budget: number;
  /** In order of last use. */
  readonly #chunks = new Map<string, Chunk>();
  readonly #spare: Uint8Array[] = [];
  #bytes = 0;

  constructor(budget = BUDGET) {
    this.#budget = budget;
  }

  /** The chunk of this key; `load` fills it where it is not in the cache. A failure is not kept. */
  async hold(key: string, bytes: number, load: (into: Uint8Array) => Promise<void>): Promise<HeldBytes> {
    const chunk = this.#chunks.get(key) ?? this.#begin(key, bytes, load);
    chunk.holds++;
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    const release = (): void => {
      if (--chunk.holds === 0 && !chunk.cached) this.#keep(chunk.data);
    };
    try {
      await chunk.loaded;
    } catch (error) {
      if (this.#chunks.get(key) === chunk) this.drop(key);
      release();
      throw error;
    }
    return { data: chunk.data, release };
  }

  drop(key: string): void {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return;
    this.#chunks.delete(key);
    this.#bytes -= chunk.data.length;
    chunk.cached = false;
    if (chunk.holds === 0) this.#keep(chunk.data);
  }

  get bytes(): number {
    return this.#bytes;
  }

  #begin(key: string, bytes: number, load: (into: Uint8Array) => Promise<void>): Chunk {
    const data = (bytes === CHUNK_MEMORY ? this.#spare.pop() : undefined) ?? new Uint8Array(bytes);
    const chunk: Chunk = { data, loaded: load(data), holds: 0, cached: true };
    this.#chunks.set(key, chunk);
    this.#bytes += bytes;
    for (const oldest of this.#chunks.keys()) {
      if (this.#bytes <= this.#budget || oldest === key) break;
      this.drop(oldest);
    }
    return chunk;
  }

  #keep(data: Uint8Array): void {
    if (data.length === CHUNK_MEMORY && this.#spare.length * CHUNK_MEMORY < SPARE) this.#spare.push(data);
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
