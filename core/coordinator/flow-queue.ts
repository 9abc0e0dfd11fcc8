/** Long steps of one download, one after the other; a step that fails does not keep the next one from running. */
export class FlowQueue {
  readonly #failed: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  run(flow: () => Promise<void>): void {
    this.#last = this.#last.then(flow).catch(this.#failed);
  }

  /** Resolves when the flows so far have ended; never rejects. */
  idle(): Promise<void> {
    return this.#last;
  }
}
