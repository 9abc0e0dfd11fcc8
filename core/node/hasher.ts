import { availableParallelism, cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { type Hashing, SHA1 } from '../base/hashing.ts';
import { millis } from '../base/ids.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { CopyTarget, Hasher } from '../ports/hasher.ts';
import { DIGEST } from './hasher-worker.ts';
import { closed, type Hashed, HashingThreads } from './hashing-threads.ts';
import { type LoadSample, LoopLoad } from './loop-load.ts';
import { LoopHashing } from './loop-hashing.ts';
import { boundYoungObjects } from './young-objects.ts';

/** Below this, sending the bytes to a thread costs the loop as much as hashing them. */
const SMALL = 16 * 1024;

/**
 * Where pieces are hashed (decision 0014): bytes in memory on the event loop as long as it has time to spare or no core is free, and always
 * where processes share the cores; else, and bytes of files, on threads.
 */
export class NodeHasher implements Hasher {
  readonly parallelism: number;
  readonly #loop = new LoopHashing();
  readonly #threads: HashingThreads;
  readonly #load: Pick<LoopLoad, 'isFull'>;
  /** Other processes use the cores: threads would only take turns with them, and cost 8 MiB and a copy into another core's cache each. */
  #onLoop = false;

  /** `load` tells when the loop has no time to spare. */
  constructor(
    threads: number = Math.min(4, availableParallelism()),
    load: Pick<LoopLoad, 'isFull'> = new LoopLoad(sampleLoad),
  ) {
    this.parallelism = Math.max(1, threads);
    this.#threads = new HashingThreads(this.parallelism, (data, hashing) => this.#loop.hash(data, hashing));
    this.#load = load;
  }

  allocate(size: number): Uint8Array {
    // With room for the digest behind the data.
    return new Uint8Array(new ArrayBuffer(size + DIGEST), 0, size);
  }

  async hash(data: Uint8Array, hashing: Hashing = SHA1): Promise<Uint8Array> {
    return (await this.#hash(data, hashing, false)).digest;
  }

  hashMoving(data: Uint8Array, hashing: Hashing): Promise<Hashed> {
    return this.#hash(data, hashing, data.byteOffset === 0 && data.buffer.byteLength >= data.length + DIGEST);
  }

  hashStored(
    file: DiskFile,
    position: number,
    length: number,
    hashing: Hashing,
    copy?: CopyTarget,
  ): Promise<Uint8Array | undefined> {
    const { descriptor } = file;
    const target = copy && { descriptor: copy.file.descriptor ?? -1, position: copy.position };
    if (descriptor === undefined || target?.descriptor === -1) return Promise.resolve(undefined);
    if (this.#threads.closed) return Promise.reject(closed());
    return this.#threads.hashStored({ descriptor, position, length }, hashing, target);
  }

  share(processes: number): void {
    this.#onLoop = processes > 1;
    boundYoungObjects(processes > 1);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #hash(data: Uint8Array, hashing: Hashing, moves: boolean): Promise<Hashed> {
    const small = data.length <= SMALL;
    if (!small && this.#threads.closed) throw closed();
    if (!small && !this.#onLoop && !this.#isCalm()) return this.#threads.hash(data, hashing, moves);
    return { digest: await this.#loop.hash(data, hashing), data };
  }

  /** Whether the event loop has time to spare and no thread runs. */
  #isCalm(): boolean {
    return !this.#threads.needed && !this.#load.isFull(millis(performance.now()));
  }
}

function sampleLoad(): LoadSample {
  const { active } = performance.eventLoopUtilization();
  const idle = cpus().reduce((sum, { times }) => sum + times.idle, 0);
  return { now: millis(performance.now()), active: millis(active), idle: millis(idle) };
}
