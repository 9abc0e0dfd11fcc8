import { Stopper, type StopSignal } from '../../base/stopper.ts';
/** The check or assembly of a download that is going on: how far it is, and how it is stopped. */
export class Work {
  #job: Stopper | undefined;
  /** Undefined: none was begun. */
  #stopped: boolean | undefined;
  #fraction: number | undefined;

  /** 0 to 1; undefined: none is going on. */
  get fraction(): number | undefined {
    return this.#fraction;
  }

  /** The last one was stopped on purpose. */
  get stopped(): boolean {
    return this.#stopped === true;
  }

  /** The signal that stops the new one. */
  begin(): StopSignal {
    const job = (this.#job = new Stopper());
    this.#stopped = false;
    return job.signal;
  }

  progress(fraction: number): void {
    this.#fraction = fraction;
  }

  /** The one that `signal` stops is over: a signal that thousands of downloads keep takes more memory than the rest of this. */
  end(signal: StopSignal | undefined): void {
    this.#fraction = undefined;
    if (this.#job?.signal === signal) this.#job = undefined;
  }

  stop(): void {
    if (this.#stopped === undefined) return;
    this.#stopped = true;
    this.#job?.abort();
  }
}
