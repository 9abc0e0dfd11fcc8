/**
 * Of which downloads a status is to be told: thousands that are seeded to nobody have no news twice a second, and are not even asked.
 * Whoever hears or says anything of one wakes it; it rests once it was told that nothing goes on.
 */
export class StatusNews<Key> {
  readonly #woken: () => void;
  readonly #awake = new Set<Key>();
  /** What those were like of which it was told that nothing goes on, in the order in which it was told. */
  readonly #told = new Map<Key, string>();

  /** `woken`: called when there is one to ask where there was none. */
  constructor(woken: () => void = () => {}) {
    this.#woken = woken;
  }

  /** Whether none is to be asked. */
  get rests(): boolean {
    return this.#awake.size === 0;
  }

  wake(key: Key): void {
    const first = this.rests;
    this.#awake.add(key);
    if (first) this.#woken();
  }

  /** It has news that its state does not tell. */
  changed(key: Key): void {
    this.#told.delete(key);
    this.wake(key);
  }

  /** Each has news. */
  renew(keys: Iterable<Key>): void {
    for (const key of keys) this.changed(key);
  }

  /** So many of those about which nothing was told for longest have news, as nobody keeps count of all that may have changed. */
  renewSome(most: number): void {
    let left = most;
    for (const key of this.#told.keys()) {
      if (left-- <= 0) return;
      this.changed(key);
    }
  }

  forget(key: Key): void {
    this.#awake.delete(key);
    this.#told.delete(key);
  }

  /** Calls `look` for those that are awake: it answers what it is like while nothing goes on; undefined: something does. Returns the news. */
  due(look: (key: Key) => string | undefined): readonly Key[] {
    const news: Key[] = [];
    for (const key of this.#awake) {
      const quiet = look(key);
      if (quiet === undefined) this.#told.delete(key);
      else this.#awake.delete(key);
      if (quiet !== undefined && this.#told.get(key) === quiet) continue;
      if (quiet !== undefined) {
        this.#told.delete(key);
        this.#told.set(key, quiet);
      }
      news.push(key);
    }
    return news;
  }
}
