import { EnsembleError } from '../../base/errors.ts';
import { MOST_RECHECKS, type RecheckTask, type WorkerTask } from '../../identity/worker-messages.ts';
import { millis } from '../../base/ids.ts';
import { Stopper, type StopSignal } from '../../base/stopper.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobResult } from './worker-process.ts';

/** So little is read and told for a recheck that goes with others, in bytes. */
const MOST_READ = 1 << 20;
const MOST_TOLD = 1 << 16;
/** Where some have taken this long they wait for their disk, and others need not wait with them. */
const LATE = millis(2000);
const MOST_AT_ONCE = 2;

interface Waiting {
  readonly job: RecheckTask;
  readonly onProgress: (fraction: number) => void;
  readonly signal: StopSignal;
  readonly resolve: (result: JobResult | Promise<JobResult>) => void;
  readonly reject: (error: EnsembleError) => void;
}

type RunJob = (job: WorkerTask, onProgress: (fraction: number) => void, signal: StopSignal) => Promise<JobResult>;

/** Whether a recheck that reads so many bytes goes with others. */
export function isSmall(job: RecheckTask, bytes: number): boolean {
  return bytes <= MOST_READ && job.rawInfo.length + (job.pieceRoots?.length ?? 0) <= MOST_TOLD;
}

/**
 * Small rechecks, of which those that come while some are under way are the next job together: of thousands of torrents each would
 * otherwise cost a worker a message, a wake and turns of threads. Where one of them is stopped or ends the worker, each of the others runs alone.
 */
export class SmallRechecks {
  readonly #runJob: RunJob;
  readonly #waiting = new Set<Waiting>();
  readonly #clock: Clock;
  #atOnce = 0;

  constructor(run: RunJob, clock: Clock) {
    this.#runJob = run;
    this.#clock = clock;
  }

  /** As `WorkerJobs.run`; there is progress only where it runs alone. */
  run(job: RecheckTask, onProgress: (fraction: number) => void, signal: StopSignal): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(interrupted());
      const one = { job, onProgress, signal, resolve, reject };
      this.#waiting.add(one);
      signal.addEventListener('abort', () => this.#waiting.delete(one) && reject(interrupted()), { once: true });
      if (this.#atOnce === 0) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#atOnce++;
    while (this.#waiting.size > 0) {
      const some = [...this.#waiting].slice(0, MOST_RECHECKS);
      for (const one of some) this.#waiting.delete(one);
      const late = this.#clock.after(LATE, () => this.#atOnce < MOST_AT_ONCE && void this.#runAll());
      await this.#runSome(some);
      late.cancel();
    }
    this.#atOnce--;
  }

  async #runSome(some: readonly Waiting[]): Promise<void> {
    const [first, second] = some;
    if (first === undefined) return;
    if (second === undefined) return this.#runAlone(first);
    const any = new Stopper();
    const stop = (): void => any.abort();
    for (const one of some) one.signal.addEventListener('abort', stop);
    const results = await this.#runJob(
      { type: 'rechecks', jobs: some.map(({ job }) => job) },
      () => undefined,
      any,
    ).then(
      (result) => (result.type === 'all-rechecked' ? result.results : []),
      () => [],
    );
    for (const one of some) one.signal.removeEventListener('abort', stop);
    for (const [i, one] of some.entries()) {
      const result = results[i];
      if (one.signal.aborted) one.reject(interrupted());
      else if (result === undefined) await this.#runAlone(one);
      else if (result instanceof Uint8Array) one.resolve({ type: 'rechecked', good: result });
      else one.reject(new EnsembleError(result.code, result.message));
    }
  }

  async #runAlone({ job, onProgress, signal, resolve }: Waiting): Promise<void> {
    const done = this.#runJob(job, onProgress, signal);
    resolve(done);
    await done.catch(() => undefined);
  }
}

const interrupted = (): EnsembleError => new EnsembleError('interrupted', 'The recheck was stopped.');
