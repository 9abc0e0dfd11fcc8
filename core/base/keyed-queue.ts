/** Work by key: what has the same key is done from its first step to its last before the next begins, in the order in which it came. */
export class KeyedQueue<Key> {
  /** The end of what came last. */
  readonly #last = new Map<Key, Promise<void>>();

  /** Whether something with this key is under way. */
  has(key: Key): boolean {
    return this.#last.has(key);
  }

  /** Begins at once where nothing with this key is under way. Settles as `work` does. */
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

  /** Resolves when all that came so far is through. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
