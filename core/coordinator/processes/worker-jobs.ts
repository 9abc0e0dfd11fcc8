import { EnsembleError } from '../../base/errors.ts';
import { millis } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { RecheckTask, WorkerTask } from '../../identity/worker-messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ProcessHost } from '../../ports/process-host.ts';
import { isSmall, SmallRechecks } from './small-rechecks.ts';
import { type JobResult, WorkerProcess } from './worker-process.ts';

/** Most worker processes at a time, unless it is told otherwise; further jobs wait their turn. */
const MAX_WORKERS = 2;
/** How long a worker waits for another job before it is ended: to start one takes longer than to check a small torrent. */
const IDLE_FOR = millis(3000);

/** Runs jobs that take long (recheck, assembly, a large torrent file) in worker processes, each of which does one at a time. */
export class WorkerJobs {
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  /** Functions that start the waiting jobs, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  /** Workers without a job; the one that had one last is the last. */
  readonly #idle: WorkerProcess[] = [];
  #rest: Timer | undefined;
  readonly #most: number;
  readonly #small: SmallRechecks;
  #running = 0;

  constructor(host: ProcessHost, clock: Clock, most = MAX_WORKERS) {
    this.#most = most;
    this.#host = host;
    this.#clock = clock;
    this.#small = new SmallRechecks((...job) => this.run(...job), clock);
  }

  /**
   * Resolves with the job's result. Rejects with the worker's error, with EnsembleError('interrupted') where `signal`
   * aborts it, or with EnsembleError('fault') where the process dies. Nothing of it is at work any more when it rejects.
   */
  async run(job: WorkerTask, onProgress: (fraction: number) => void, signal: StopSignal): Promise<JobResult> {
    if (this.#running < this.#most) this.#running++;
    else await this.#turn(job, signal);
    try {
      if (signal.aborted) throw interrupted(job);
      const worker = this.#worker(job.type);
      const result = await worker.run(job, onProgress, signal);
      this.#idle.push(worker);
      return result;
    } finally {
      this.#handOn();
    }
  }

  /** As `run`, for a recheck that reads so many bytes. */
  recheck(
    job: RecheckTask,
    bytes: number,
    onProgress: (fraction: number) => void,
    signal: StopSignal,
  ): Promise<JobResult> {
    return isSmall(job, bytes) ? this.#small.run(job, onProgress, signal) : this.run(job, onProgress, signal);
  }

  /** Ends the workers that have nothing to do. */
  dismiss(): void {
    this.#rest?.cancel();
    for (const worker of this.#idle.splice(0)) worker.end();
  }

  #worker(label: string): WorkerProcess {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.alive) return idle;
    return new WorkerProcess(this.#host, this.#clock, label);
  }

  /** Resolves when another job hands its place on to this one. */
  #turn(job: WorkerTask, signal: StopSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(interrupted(job));
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.delete(begin);
        reject(interrupted(job));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.add(begin);
    });
  }

  #handOn(): void {
    const [begin] = this.#waiting;
    if (begin === undefined) {
      this.#running--;
      this.#rest?.cancel();
      this.#rest = this.#clock.after(IDLE_FOR, () => this.dismiss());
      return;
    }
    this.#waiting.delete(begin);
    begin();
  }
}

const interrupted = (job: WorkerTask): EnsembleError =>
  new EnsembleError('interrupted', `The ${job.type} was stopped.`);
