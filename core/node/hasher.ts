import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { concatBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { digestLength, type Hashing, SHA1 } from '../base/hashing.ts';
import { millis } from '../base/ids.ts';
import { leavesOf, rootOf } from '../merkle/tree.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { CopyTarget, Hasher } from '../ports/hasher.ts';
import { DIGEST, HASHER_WORKER } from './hasher-worker.ts';
import { type LoadSample, LoopLoad } from './loop-load.ts';

/** Below this, sending the bytes to a thread costs the loop as much as hashing them. */
const SMALL = 16 * 1024;
/** How much is hashed on the event loop at a time (0.6 ms), so that a long piece holds up nothing else there. */
const SLICE = 1 << 20;
/** Threads that have had nothing to do for this long are ended; starting them again takes some 20 ms. */
const IDLE = 30_000;

/** How many jobs a thread is given at a time: with the next one there already it need not wait for the event loop between two pieces. */
const IN_HAND = 2;

interface Hashed {
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

/** Bytes in a file. */
interface StoredJob {
  readonly kind: 'stored';
  readonly descriptor: number;
  readonly position: number;
  readonly length: number;
  readonly hashing: Hashing;
  readonly copy: { readonly descriptor: number; readonly position: number } | undefined;
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
 * Hashing on threads, which start when first needed and do not keep the process alive. Bytes in memory are hashed on the event loop,
 * a slice at a time, as long as the loop has time to spare or no core is free, and always where processes share the cores.
 *
 * Memory of `allocate` is moved to the thread and back; of memory that the caller keeps a copy is sent. Shared memory would need
 * neither, but V8 copies into it ten times more slowly, and each block that comes is copied into its piece (0.28 s/GiB, all of it
 * on the event loop).
 */
export class NodeHasher implements Hasher {
  readonly parallelism: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** Other processes use the cores: threads would only take turns with them, and cost 8 MiB and a copy into another core's cache each. */
  #onLoop = false;
  /** Settles after the last of the pieces that are hashed on the event loop, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  readonly #load: Pick<LoopLoad, 'isFull'>;

  /** `load` tells when the loop has no time to spare. */
  constructor(
    threads: number = Math.min(4, availableParallelism()),
    load: Pick<LoopLoad, 'isFull'> = new LoopLoad(sampleLoad),
  ) {
    this.parallelism = Math.max(1, threads);
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
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#take({ kind: 'stored', descriptor, position, length, hashing, copy: target, resolve, reject });
      // Whoever hashes stored bytes has many of them and waits for nothing else: start a thread at once.
      if (this.#waiting.length > 0) this.#start();
    });
  }

  share(processes: number): void {
    this.#onLoop = processes > 1;
  }

  #hash(data: Uint8Array, hashing: Hashing, moves: boolean): Promise<Hashed> {
    const { length } = data;
    if (length > SMALL && this.#closed) return Promise.reject(closed());
    if (length <= SMALL) return Promise.resolve({ digest: digestOf(data, hashing), data });
    if (this.#onLoop || this.#isCalm()) {
      if (length <= SLICE) return Promise.resolve({ digest: digestOf(data, hashing), data });
      const digest = this.#turn.then(() => digestInSlices(data, hashing));
      // A failure is reported to its caller; the next job takes its turn all the same.
      this.#turn = digest.then(
        () => {},
        () => {},
      );
      return digest.then((done) => ({ digest: done, data }));
    }
    return new Promise((resolve, reject) => {
      this.#take({ kind: 'memory', data, length, hashing, moves, resolve, reject });
      if (this.#waiting.length >= Math.max(1, this.#threads.size) && this.#allAtWork()) this.#start();
    });
  }

  /** Whether every thread has answered once: of one that is just starting it is not known whether it will keep up. */
  #allAtWork(): boolean {
    return [...this.#threads].every(({ answered }) => answered);
  }

  /** Whether the event loop has time to spare and no thread runs. */
  #isCalm(): boolean {
    if (this.#threads.size > 0 || this.#waiting.length > 0) return false;
    return !this.#load.isFull(millis(performance.now()));
  }

  #take(job: Job): void {
    this.#waiting.push(job);
    this.#hand();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(closed());
    await this.#stop();
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
    if (this.#threads.size >= this.parallelism) return;
    let worker: Worker;
    try {
      worker = new Worker(HASHER_WORKER, {
        eval: true,
        name: 'hashing',
        execArgv: [],
        env: {},
        resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
      });
    } catch {
      return this.#doWithout();
    }
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
      else
        void digestInSlices(job.data, job.hashing).then(
          (digest) => job.resolve({ digest, data: job.data }),
          job.reject,
        );
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

function sampleLoad(): LoadSample {
  const { active } = performance.eventLoopUtilization();
  const idle = cpus().reduce((sum, { times }) => sum + times.idle, 0);
  return { now: millis(performance.now()), active: millis(active), idle: millis(idle) };
}

function digestOf(data: Uint8Array, hashing: Hashing): Uint8Array {
  const digests = new Digests(hashing);
  digests.add(data);
  return digests.end();
}

async function digestInSlices(data: Uint8Array, hashing: Hashing): Promise<Uint8Array> {
  const digests = new Digests(hashing);
  for (let at = 0; at < data.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => void setImmediate(resolve));
    digests.add(data.subarray(at, at + SLICE));
  }
  return digests.end();
}

/** A digest that is made a slice of whole leaves at a time. */
class Digests {
  readonly #hashing: Hashing;
  readonly #sha1 = createHash('sha1');
  readonly #leaves: Uint8Array[] = [];
  #at = 0;

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
  }

  add(data: Uint8Array): void {
    const { sha1, tree } = this.#hashing;
    if (sha1) this.#sha1.update(data);
    if (tree !== undefined && this.#at < tree.bytes)
      this.#leaves.push(leavesOf(data.subarray(0, tree.bytes - this.#at)));
    this.#at += data.length;
  }

  end(): Uint8Array {
    const { sha1, tree } = this.#hashing;
    const root = tree === undefined ? [] : [rootOf(concatBytes(...this.#leaves), 0, tree.height)];
    return concatBytes(...(sha1 ? [this.#sha1.digest()] : []), ...root);
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

function closed(): EnsembleError {
  return new EnsembleError('interrupted', 'the hasher has been closed');
}
