import type { Hashing } from '../base/hashing.ts';
import { SHA1 } from '../base/hashing.ts';
import type { Hasher } from '../ports/hasher.ts';
import type { Hashed } from './hashing-threads.ts';
import { LoopHashing } from './loop-hashing.ts';

/** Longest memory that is kept, in bytes. */
const MOST_SPARE = 1 << 20;

/** Hashes on the event loop alone: for little, and for a process that does nothing else meanwhile. */
export class LoopHasher implements Hasher {
  readonly parallelism = 1;
  readonly #loop = new LoopHashing();
  #spare: Uint8Array | undefined;

  /** Of thousands of small torrents each is read into the same memory. */
  allocate(size: number): Uint8Array {
    const spare = this.#spare;
    if (spare === undefined || spare.length < size) return new Uint8Array(size);
    this.#spare = undefined;
    return spare;
  }

  free(memory: Uint8Array): void {
    if (memory.length <= MOST_SPARE && memory.length > (this.#spare?.length ?? 0)) this.#spare = memory;
  }

  hash(data: Uint8Array, hashing: Hashing = SHA1): Promise<Uint8Array> {
    return this.#loop.hash(data, hashing);
  }

  async hashMoving(data: Uint8Array, hashing: Hashing): Promise<Hashed> {
    return { digest: await this.#loop.hash(data, hashing), data };
  }

  hashStored(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  share(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
