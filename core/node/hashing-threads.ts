import type { Worker } from 'node:worker_threads';
import { EnsembleError } from '../base/errors.ts';
import { digestLength, type Hashing } from '../base/hashing.ts';
import type { CopyTarget } from '../ports/hasher.ts';
import { DIGEST, HASHER_WORKER } from './hasher-worker.ts';
import { startThread } from './small-thread.ts';

/** Threads that have had nothing to do for this long are ended; starting them again takes some 20 ms. */
const IDLE = 30_000;

/** How many jobs a thread is given at a time: with the next one there already it need not wait for the event loop between two pieces. */
const IN_HAND = 2;

export interface Hashed {
  readonly digest: Uint8Array;
  readonly data: Uint8Array;
}

/** Bytes in memory. */
interface MemoryJob {
  readonly kind: 'memory';
  readonly data: Uint8Array;
  readonly length: number;
  readonly hashing: Hashing;
  /** Its memory goes to the thread itself, not a copy. */
  readonly moves: boolean;
  readonly resolve: (hashed: Hashed) => void;
  readonly reject: (error: unknown) => void;
}

/** Where a copy of what is read of a file goes: see `CopyTarget`. */
export interface StoredTarget extends Pick<CopyTarget, 'position'> {
  readonly descriptor: number;
}

/** Bytes in a file. */
interface StoredJob {
  readonly kind: 'stored';
  readonly descriptor: number;
  readonly position: number;
  readonly length: number;
  readonly hashing: Hashing;
  readonly copy: StoredTarget | undefined;
  readonly resolve: (digest: Uint8Array | undefined) => void;
  readonly reject: (error: unknown) => void;
}

type Job = MemoryJob | StoredJob;

interface Thread {
  readonly worker: Worker;
  /** They are sent to the thread with a copy of a piece in them, and come back. */
  readonly buffers: ArrayBuffer[];
  /** Its jobs, in the order in which it does them. */
  readonly jobs: Job[];
  /** It has started: jobs that it was given before would be lost if the system has no room for another thread. */
  runs: boolean;
  /** It has answered once. */
  answered: boolean;
}

/**
 * The threads that hash: they start when there is more to do than those that run can keep up with, and do not keep the process alive.
 *
 * Memory of `allocate` is moved to the thread and back; of memory that the caller keeps a copy is sent. Shared memory would need
 * neither, but V8 copies into it ten times more slowly, and each block that comes is copied into its piece (0.28 s/GiB, all of it
 * on the event loop).
 */
export class HashingThreads {
  readonly #most: number;
  readonly #without: (data: Uint8Array, hashing: Hashing) => Promise<Uint8Array>;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `most`: how many run at a time. `without` hashes where the system has no room for a single one. */
  constructor(most: number, without: (data: Uint8Array, hashing: Hashing) => Promise<Uint8Array>) {
    this.#most = most;
    this.#without = without;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether any run, or something waits for one to run. */
  get needed(): boolean {
    return this.#threads.size > 0 || this.#waiting.length > 0;
  }

  /** Hashes bytes in memory. `moves`: the memory goes to the thread itself, and comes back as another object. */
  hash(data: Uint8Array, hashing: Hashing, moves: boolean): Promise<Hashed> {
    return new Promise((resolve, reject) => {
      this.#take({ kind: 'memory', data, length: data.length, hashing, moves, resolve, reject });
      if (this.#waiting.length >= Math.max(1, this.#threads.size) && this.#allAtWork()) this.#start();
    });
  }

  /** Hashes bytes of a file, and copies them where `copy` says so; undefined where not all could be read. */
  hashStored(
    source: { readonly descriptor: number; readonly position: number; readonly length: number },
    hashing: Hashing,
    copy: StoredTarget | undefined,
  ): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#take({ kind: 'stored', ...source, hashing, copy, resolve, reject });
      // Whoever hashes stored bytes has many of them and waits for nothing else: start a thread at once.
      if (this.#waiting.length > 0) this.#start();
    });
  }

  /** Ends all; what waits fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(closed());
    await this.#stop();
  }

  /** Whether every thread has answered once: of one that is just starting it is not known whether it will keep up. */
  #allAtWork(): boolean {
    return [...this.#threads].every(({ answered }) => answered);
  }

  #take(job: Job): void {
    this.#waiting.push(job);
    this.#hand();
  }

  /** Gives waiting jobs to the threads that have the fewest. */
  #hand(): void {
    for (let inHand = 0; inHand < IN_HAND; inHand++) {
      for (const thread of this.#threads) {
        if (!thread.runs || thread.jobs.length > inHand) continue;
        const job = this.#waiting.shift();
        if (!job) break;
        give(thread, job);
      }
    }
    clearTimeout(this.#idle);
    if (this.#threads.size > 0) this.#idle = setTimeout(() => void this.#rest(), IDLE).unref();
  }

  #start(): void {
    if (this.#threads.size >= this.#most) return;
    const worker = startThread(HASHER_WORKER, 'hashing');
    if (worker === undefined) return this.#doWithout();
    const thread: Thread = { worker, buffers: [], jobs: [], runs: false, answered: false };
    this.#threads.add(thread);
    worker.on('online', () => {
      thread.runs = true;
      this.#hand();
    });
    worker.on('message', (answer: ArrayBuffer | Uint8Array | null) => {
      thread.answered = true;
      const job = thread.jobs.shift();
      if (thread.jobs.length === 0) worker.unref();
      this.#hand();
      if (job) finish(thread, job, answer);
    });
    worker.on('error', (error) => this.#lost(thread, error));
    worker.on('exit', () => this.#lost(thread, new Error('the thread ended')));
    this.#hand();
  }

  /** A thread is gone: its jobs fail, and waiting ones go to the others, or to a new thread at the next piece. */
  #lost(thread: Thread, error: unknown): void {
    this.#threads.delete(thread);
    const cause = new EnsembleError('interrupted', 'a hashing thread ended before its piece was done', {
      cause: error,
    });
    for (const job of thread.jobs.splice(0)) job.reject(cause);
    if (!thread.runs) return this.#doWithout();
    if (this.#threads.size === 0 && this.#waiting.length > 0 && !this.#closed) this.#start();
  }

  /** No thread can be started: waiting jobs are done here, or by their callers if the bytes are on disk. */
  #doWithout(): void {
    if (this.#threads.size > 0) return;
    for (const job of this.#waiting.splice(0)) {
      if (job.kind === 'stored') job.resolve(undefined);
      else {
        const { data, hashing, resolve, reject } = job;
        void this.#without(data, hashing).then((digest) => resolve({ digest, data }), reject);
      }
    }
  }

  async #rest(): Promise<void> {
    if (this.#waiting.length > 0 || [...this.#threads].some(({ jobs }) => jobs.length > 0)) return;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

function give({ worker, buffers, jobs }: Thread, job: Job): void {
  jobs.push(job);
  // The process must not end while somebody waits for this.
  worker.ref();
  const { length, hashing } = job;
  if (job.kind === 'stored') {
    worker.postMessage({ descriptor: job.descriptor, position: job.position, length, hashing, copy: job.copy });
    return;
  }
  const buffer = job.moves ? (job.data.buffer as ArrayBuffer) : copyOf(job.data, buffers);
  worker.postMessage({ buffer, length, hashing }, [buffer]);
}

function finish({ buffers }: Thread, job: Job, answer: ArrayBuffer | Uint8Array | null): void {
  if (job.kind === 'stored') {
    job.resolve(answer instanceof Uint8Array ? answer : undefined);
    return;
  }
  const buffer = answer as ArrayBuffer;
  const digest = new Uint8Array(buffer, job.length, digestLength(job.hashing)).slice();
  if (!job.moves) buffers.push(buffer);
  job.resolve({ digest, data: job.moves ? new Uint8Array(buffer, 0, job.length) : job.data });
}

/** A copy in one of the thread's own buffers, which grow with the longest piece. */
function copyOf(data: Uint8Array, buffers: ArrayBuffer[]): ArrayBuffer {
  let buffer = buffers.pop();
  if (buffer === undefined || buffer.byteLength < data.length + DIGEST) buffer = new ArrayBuffer(data.length + DIGEST);
  new Uint8Array(buffer).set(data);
  return buffer;
}

/** The error of whoever asks after `close`. */
export function closed(): EnsembleError {
  return new EnsembleError('interrupted', 'the hasher has been closed');
}
