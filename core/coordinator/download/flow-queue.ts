/** Long steps of one download, one after the other; a step that fails does not keep the next one from running. */
export class FlowQueue {
  readonly #failed: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Does nothing after `end`. */
  run(flow: () => Promise<void>): void {
    if (!this.#ended) this.#last = this.#last.then(flow).catch(this.#failed);
  }

  /** Resolves when the flows so far have ended; never rejects. */
  idle(): Promise<void> {
    return this.#last;
  }

  /** As `idle`, and no further flow is begun. */
  end(): Promise<void> {
    this.#ended = true;
    return this.#last;
  }
}
