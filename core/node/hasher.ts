import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EnsembleError } from '../base/errors.ts';
import type { Hasher } from '../ports/hasher.ts';
import { DIGEST, HASHER_WORKER } from './hasher-worker.ts';

/** Below this, sending the bytes to a thread costs the loop as much as hashing them. */
const SMALL = 16 * 1024;
/** Another thread (some 8 MiB) is started only when so many pieces wait for each that runs. */
const BACKLOG = 2;
/** Threads that have had nothing to do for so long are ended; they start again in some 20 ms. */
const IDLE = 30_000;

interface Job {
  readonly data: Uint8Array;
  readonly length: number;
  /** Its memory goes to the thread itself, not a copy. */
  readonly moves: boolean;
  readonly resolve: (hashed: { readonly digest: Uint8Array; readonly data: Uint8Array }) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Goes to the thread with a copy of a piece in it, and comes back. */
  buffer: ArrayBuffer;
  job: Job | undefined;
}

/**
 * SHA-1 on threads. They start when first needed and hold no process open.
 *
 * A piece of ours is moved to the thread and back; of memory that stays the caller's a copy goes. Memory that both sides see
 * would need neither, but V8 copies into shared memory ten times more slowly than into other, and each block that comes
 * is copied into its piece (0.28 s/GiB, all of it on the event loop).
 */
export class NodeHasher implements Hasher {
  readonly parallelism: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(threads: number = Math.min(4, availableParallelism())) {
    this.parallelism = Math.max(1, threads);
  }

  allocate(size: number): Uint8Array {
    // With room for the digest behind it.
    return new Uint8Array(new ArrayBuffer(size + DIGEST), 0, size);
  }

  async sha1(data: Uint8Array): Promise<Uint8Array> {
    return (await this.#hash(data, false)).digest;
  }

  sha1Moving(data: Uint8Array): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }> {
    return this.#hash(data, data.byteOffset === 0 && data.buffer.byteLength >= data.length + DIGEST);
  }

  #hash(data: Uint8Array, moves: boolean): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }> {
    const { length } = data;
    if (length <= SMALL) {
      return Promise.resolve({ digest: new Uint8Array(createHash('sha1').update(data).digest()), data });
    }
    if (this.#closed) return Promise.reject(new EnsembleError('interrupted', 'the hasher has been closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ data, length, moves, resolve, reject });
      this.#hand();
      if (this.#waiting.length === 0 || this.#threads.size >= this.parallelism) return;
      if (this.#threads.size === 0 || this.#waiting.length >= BACKLOG * this.#threads.size) this.#start();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(new EnsembleError('interrupted', 'the hasher was closed'));
    await this.#stop();
  }

  /** Gives waiting work to threads without any. */
  #hand(): void {
    for (const thread of this.#threads) {
      if (thread.job) continue;
      const job = this.#waiting.shift();
      if (!job) break;
      thread.job = job;
      // The process must not end while somebody waits for this.
      thread.worker.ref();
      const buffer = job.moves ? job.data.buffer : copyOf(job.data, thread);
      thread.worker.postMessage({ buffer, length: job.length }, [buffer as ArrayBuffer]);
    }
    clearTimeout(this.#idle);
    if (this.#threads.size > 0) this.#idle = setTimeout(() => void this.#rest(), IDLE).unref();
  }

  #start(): void {
    const worker = new Worker(HASHER_WORKER, {
      eval: true,
      name: 'sha1',
      execArgv: [],
      env: {},
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
    });
    const thread: Thread = { worker, buffer: new ArrayBuffer(0), job: undefined };
    this.#threads.add(thread);
    worker.on('message', (buffer: ArrayBuffer) => {
      const job = thread.job;
      const digest = job && new Uint8Array(buffer, job.length, DIGEST).slice();
      if (job?.moves !== true) thread.buffer = buffer;
      thread.job = undefined;
      worker.unref();
      this.#hand();
      if (job && digest) {
        job.resolve({ digest, data: job.moves ? new Uint8Array(buffer, 0, job.length) : job.data });
      }
    });
    worker.on('error', (error) => this.#lost(thread, error));
    worker.on('exit', () => this.#lost(thread, new Error('the thread ended')));
    this.#hand();
  }

  /** A thread is gone: its work fails, the rest goes to the others, or to a new one with the next piece. */
  #lost(thread: Thread, error: unknown): void {
    this.#threads.delete(thread);
    const cause = new EnsembleError('interrupted', 'a hashing thread ended before its piece was done', {
      cause: error,
    });
    thread.job?.reject(cause);
    thread.job = undefined;
    if (this.#threads.size === 0 && this.#waiting.length > 0 && !this.#closed) this.#start();
  }

  async #rest(): Promise<void> {
    if (this.#waiting.length > 0 || [...this.#threads].some((thread) => thread.job)) return;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

/** A copy in the thread's own buffer, which grows with the longest piece. */
function copyOf(data: Uint8Array, thread: Thread): ArrayBuffer {
  if (thread.buffer.byteLength < data.length + DIGEST) thread.buffer = new ArrayBuffer(data.length + DIGEST);
  new Uint8Array(thread.buffer).set(data);
  return thread.buffer;
}
