/** The check or assembly of a download that is going on: how far it is, and how it is stopped. */
export class Work {
  #job: AbortController | undefined;
  #fraction: number | undefined;

  /** 0 to 1; undefined: none is going on. */
  get fraction(): number | undefined {
    return this.#fraction;
  }

  /** The last one was stopped on purpose. */
  get stopped(): boolean {
    return this.#job?.signal.aborted === true;
  }

  /** The signal that stops the new one. */
  begin(): AbortSignal {
    const job = (this.#job = new AbortController());
    return job.signal;
  }

  progress(fraction: number): void {
    this.#fraction = fraction;
  }

  end(): void {
    this.#fraction = undefined;
  }

  stop(): void {
    this.#job?.abort();
  }
}
