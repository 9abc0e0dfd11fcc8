/** Lets work through or, once shut, waits for all work under way and holds back the rest until it is opened again. */
export class Gate {
  #inside = 0;
  #shut: { readonly opened: Promise<void>; readonly open: () => void } | undefined;
  #emptied: (() => void)[] = [];

  /** Runs `task`, where the gate is shut not before it is open again. */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    while (this.#shut !== undefined) await this.#shut.opened;
    this.#inside++;
    try {
      return await task();
    } finally {
      this.#inside--;
      if (this.#inside === 0) for (const emptied of this.#emptied.splice(0)) emptied();
    }
  }

  /** Lets no more work in; resolves when none is under way. */
  async shut(): Promise<void> {
    if (this.#shut === undefined) {
      const { promise, resolve } = makePromise();
      this.#shut = { opened: promise, open: resolve };
    }
    if (this.#inside > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  open(): void {
    const shut = this.#shut;
    this.#shut = undefined;
    shut?.open();
  }
}

function makePromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
