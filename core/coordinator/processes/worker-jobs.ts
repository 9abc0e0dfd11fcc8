import { EnsembleError, messageOf } from '../../base/errors.ts';
import { millis } from '../../base/ids.ts';
import { parseFromWorker } from '../../identity/validate.ts';
import type { FromWorker, WorkerTask } from '../../identity/worker-messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ChildProcessHandle, ProcessHost } from '../../ports/process-host.ts';

/** The result of a job. */
export type JobResult = Extract<FromWorker, { readonly type: 'rechecked' | 'assembled' | 'bad-pieces' }>;

/** Most worker processes at a time; further jobs wait their turn. */
const MAX_WORKERS = 2;
/** A worker that was told to stop is killed after this time. */
const STOP_WITHIN = millis(1000);

/** Runs jobs that read payload (recheck, assembly), each in a worker process of its own. */
export class WorkerJobs {
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  /** Functions that start the waiting jobs, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(host: ProcessHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /**
   * Resolves with the job's result. Rejects with the worker's error, with EnsembleError('interrupted') where `signal`
   * aborts it, or with EnsembleError('disk') where the process dies. Nothing of it is at work any more when it rejects.
   */
  async run(job: WorkerTask, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<JobResult> {
    if (this.#running < MAX_WORKERS) this.#running++;
    else await this.#turn(job, signal);
    try {
      return await this.#runNow(job, onProgress, signal);
    } finally {
      this.#handOn();
    }
  }

  /** Resolves when another job hands its place on to this one. */
  #turn(job: WorkerTask, signal: AbortSignal): Promise<void> {
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
      return;
    }
    this.#waiting.delete(begin);
    begin();
  }

  async #runNow(job: WorkerTask, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<JobResult> {
    if (signal.aborted) throw interrupted(job);
    const worker = this.#spawn(job);
    return new Promise((resolve, reject) => {
      let deadline: Timer | undefined;
      let failure: unknown;
      const stop = (): void => {
        failure = interrupted(job);
        // A worker that only reads leaves nothing to clean up.
        if (job.type === 'recheck') return worker.kill();
        worker.post({ type: 'stop' });
        deadline = this.#clock.after(STOP_WITHIN, () => worker.kill());
      };
      signal.addEventListener('abort', stop, { once: true });
      worker.onMessage((raw) => {
        try {
          const message = parseFromWorker(raw);
          if (message.type === 'progress')
            onProgress(message.total > 0 ? Math.min(1, message.done / message.total) : 1);
          else if (message.type === 'failed') failure ??= new EnsembleError(message.code, message.message);
          // An assembly that is done counts even if it was told to stop; other results are no longer of interest.
          else if (!signal.aborted || message.type === 'assembled') resolve(message);
        } catch (error) {
          failure ??= error;
          worker.kill();
        }
      });
      worker.onExit((exit) => {
        signal.removeEventListener('abort', stop);
        deadline?.cancel();
        reject((failure ?? tooEarly(job, exit.signal ?? `code ${exit.code}`)) as Error);
      });
      worker.post(job);
    });
  }

  #spawn(job: WorkerTask): ChildProcessHandle {
    try {
      return this.#host.spawn('worker', job.type);
    } catch (error) {
      throw new EnsembleError('fault', `The process for the ${job.type} could not be started: ${messageOf(error)}`);
    }
  }
}

function tooEarly(job: WorkerTask, how: string): EnsembleError {
  return new EnsembleError('fault', `The process for the ${job.type} ended before its time (${how}): try again.`);
}

const interrupted = (job: WorkerTask): EnsembleError =>
  new EnsembleError('interrupted', `The ${job.type} was stopped.`);
