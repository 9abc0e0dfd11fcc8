import { EnsembleError, messageOf } from '../../base/errors.ts';
import { millis } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import { parseFromWorker } from '../../identity/validate.ts';
import type { FromWorker, WorkerTask } from '../../identity/worker-messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ChildProcessHandle, ProcessHost } from '../../ports/process-host.ts';

/** The result of a job. */
export type JobResult = Extract<
  FromWorker,
  { readonly type: 'rechecked' | 'all-rechecked' | 'assembled' | 'brought' | 'bad-pieces' | 'described' }
>;

/** A worker that was told to stop is killed after this time. */
const STOP_WITHIN = millis(1000);

/** The job that a worker has. */
interface Errand {
  heard(message: FromWorker): void;
  /** It failed with this error, unless it has failed before; the process is to end. */
  failed(error: unknown): void;
  /** The process has ended, as this says. */
  over(how: string): void;
}

/** One worker process. It serves for further jobs until one fails, for which the process itself may be the reason. */
export class WorkerProcess {
  readonly #clock: Clock;
  readonly #process: ChildProcessHandle;
  #errand: Errand | undefined;
  #ended = false;

  /** Throws EnsembleError('fault') where the process cannot be started. */
  constructor(host: ProcessHost, clock: Clock, label: string) {
    this.#clock = clock;
    try {
      this.#process = host.spawn('worker', label);
    } catch (error) {
      throw new EnsembleError('fault', `The process for the ${label} could not be started: ${messageOf(error)}`);
    }
    this.#process.onMessage((raw) => this.#heard(raw));
    this.#process.onExit(({ code, signal }) => {
      this.#ended = true;
      this.#errand?.over(signal ?? `code ${code}`);
    });
  }

  get alive(): boolean {
    return !this.#ended;
  }

  end(): void {
    this.#process.kill();
  }

  /** As `WorkerJobs.run`, for a worker that is alive and has no job. It can be used again if this resolves, and is gone if it rejects. */
  run(job: WorkerTask, onProgress: (fraction: number) => void, signal: StopSignal): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      let deadline: Timer | undefined;
      let failure: unknown;
      const stop = (): void => {
        failure = new EnsembleError('interrupted', `The ${job.type} was stopped.`);
        // A worker that only reads leaves nothing to clean up, and what is brought over is used or removed later.
        if (job.type !== 'assemble') return this.end();
        this.#process.post({ type: 'stop' });
        deadline = this.#clock.after(STOP_WITHIN, () => this.end());
      };
      const settle = (): void => {
        signal.removeEventListener('abort', stop);
        deadline?.cancel();
        this.#errand = undefined;
      };
      const failed = (error: unknown): void => {
        failure ??= error;
        this.end();
      };
      this.#errand = {
        failed,
        heard: (message) => {
          if (message.type === 'progress') {
            onProgress(message.total > 0 ? Math.min(1, message.done / message.total) : 1);
          } else if (message.type === 'failed') {
            failed(new EnsembleError(message.code, message.message));
          } else if (signal.aborted && message.type !== 'assembled') {
            // Of no interest any more; an assembly that is done counts even if it was told to stop.
            this.end();
          } else {
            settle();
            resolve(message);
          }
        },
        over: (how) => {
          settle();
          reject((failure ?? tooEarly(job, how)) as Error);
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#process.post(job);
    });
  }

  #heard(raw: unknown): void {
    try {
      const message = parseFromWorker(raw);
      this.#errand?.heard(message);
    } catch (error) {
      if (this.#errand === undefined) this.end();
      else this.#errand.failed(error);
    }
  }
}

function tooEarly(job: WorkerTask, how: string): EnsembleError {
  return new EnsembleError('fault', `The process for the ${job.type} ended before its time (${how}): try again.`);
}
