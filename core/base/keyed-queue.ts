/** Runs work by key: works with the same key run one after the other, each to its end, in the order in which they came. */
export class KeyedQueue<Key> {
  /** The end of the last work of each key. */
  readonly #last = new Map<Key, Promise<void>>();

  /** Whether something with this key is under way. */
  has(key: Key): boolean {
    return this.#last.has(key);
  }

  /** Begins at once if no work with this key is under way. Settles as `work` does. */
  async run<T>(key: Key, work: () => T | Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    let done = (): void => {};
    const end = new Promise<void>((resolve) => (done = resolve));
    this.#last.set(key, end);
    try {
      if (before !== undefined) await before;
      return await work();
    } finally {
      if (this.#last.get(key) === end) this.#last.delete(key);
      done();
    }
  }

  /** Resolves when all work so far has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
