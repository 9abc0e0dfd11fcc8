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
  readonly resolve: (digest: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Goes to the thread with a piece in it, and comes back. */
  buffer: ArrayBuffer;
  job: Job | undefined;
}

/**
 * SHA-1 on threads. They start when first needed and hold no process open.
 *
 * Each has one buffer that goes to and fro, into which a piece is copied. Memory that both sides see would save that
 * copy (measured: 0.03 s/GiB), but V8 copies into shared memory ten times more slowly than into other, and each block
 * that comes is copied into its piece (0.28 s/GiB, all of it on the event loop).
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
    return new Uint8Array(size);
  }

  sha1(data: Uint8Array): Promise<Uint8Array> {
    if (data.length <= SMALL) return Promise.resolve(new Uint8Array(createHash('sha1').update(data).digest()));
    if (this.#closed) return Promise.reject(new EnsembleError('interrupted', 'the hasher has been closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ data, resolve, reject });
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
      const { length } = job.data;
      if (thread.buffer.byteLength < length + DIGEST) thread.buffer = new ArrayBuffer(length + DIGEST);
      const { buffer } = thread;
      new Uint8Array(buffer).set(job.data);
      thread.worker.postMessage({ buffer, length }, [buffer]);
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
      const digest = job && new Uint8Array(buffer, job.data.length, DIGEST).slice();
      thread.buffer = buffer;
      thread.job = undefined;
      worker.unref();
      this.#hand();
      if (job && digest) job.resolve(digest);
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
