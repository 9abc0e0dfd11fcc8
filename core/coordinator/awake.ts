/** A download at rest is looked at so often, in seconds: nothing is known to change in it, but nothing is to be stuck either. */
const RESTING = 60;

/**
 * Which of thousands of downloads are looked at in a second: those of which somebody hears or says anything, until they are at rest,
 * and of the others a few in turn. Pure.
 */
export class Awake<Key> {
  readonly #awake = new Set<Key>();
  #second = 0;

  wake(key: Key): void {
    this.#awake.add(key);
  }

  forget(key: Key): void {
    this.#awake.delete(key);
  }

  /** Calls `look` with what is due in this second; it answers whether that is at rest from now on. */
  everySecond<T>(all: ReadonlyMap<Key, T>, look: (one: T) => boolean): void {
    // Whoever is woken meanwhile is looked at in the next second.
    const due = new Set(this.#awake);
    const turn = this.#second++ % RESTING;
    let at = 0;
    for (const key of all.keys()) if (at++ % RESTING === turn) due.add(key);
    for (const key of due) {
      const one = all.get(key);
      this.#awake.delete(key);
      if (one !== undefined && !look(one)) this.#awake.add(key);
    }
  }
}
