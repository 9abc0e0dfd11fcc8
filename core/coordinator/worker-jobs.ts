import { EnsembleError } from '../base/errors.ts';
import { parseFromWorker } from '../identity/validate.ts';
import type { FromWorker, ToWorker } from '../identity/worker-messages.ts';
import type { ProcessHost } from '../ports/process-host.ts';

/** The result of a job. */
export type JobResult = Extract<FromWorker, { readonly type: 'rechecked' | 'assembled' | 'bad-pieces' }>;

/** Most worker processes at a time; further jobs wait their turn. */
const MAX_WORKERS = 2;

/** Runs jobs that read payload (recheck, assembly), each in a worker process of its own. */
export class WorkerJobs {
  readonly #host: ProcessHost;
  /** Each begins a job that waits, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(host: ProcessHost) {
    this.#host = host;
  }

  /**
   * Resolves with the job's result. Rejects with the worker's error, with EnsembleError('interrupted') where `signal`
   * aborts it, or with EnsembleError('disk') where the process dies.
   */
  async run(job: ToWorker, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<JobResult> {
    if (this.#running < MAX_WORKERS) this.#running++;
    else await this.#turn(job, signal);
    try {
      return await this.#runNow(job, onProgress, signal);
    } finally {
      this.#handOn();
    }
  }

  /** Resolves when another job hands its place on to this one. */
  #turn(job: ToWorker, signal: AbortSignal): Promise<void> {
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

  #runNow(job: ToWorker, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<JobResult> {
    if (signal.aborted) return Promise.reject(interrupted(job));
    return new Promise((resolve, reject) => {
      const worker = this.#host.spawn('worker', job.type);
      const stop = (): void => {
        reject(interrupted(job));
        worker.kill();
      };
      signal.addEventListener('abort', stop, { once: true });
      worker.onMessage((raw) => {
        try {
          const message = parseFromWorker(raw);
          if (message.type === 'progress')
            onProgress(message.total > 0 ? Math.min(1, message.done / message.total) : 1);
          else if (message.type === 'failed') reject(new EnsembleError(message.code, message.message));
          else resolve(message);
        } catch (error) {
          reject(error as Error);
          worker.kill();
        }
      });
      worker.onExit((exit) => {
        signal.removeEventListener('abort', stop);
        const how = exit.signal ?? `code ${exit.code}`;
        reject(new EnsembleError('disk', `The process for the ${job.type} ended before its time (${how}): try again.`));
      });
      worker.post(job);
    });
  }
}

const interrupted = (job: ToWorker): EnsembleError => new EnsembleError('interrupted', `The ${job.type} was stopped.`);
