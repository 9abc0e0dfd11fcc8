/** What a look at a download found: something goes on; nothing does but time, which may decide something; nothing at all. */
export type Rest = 'busy' | 'timed' | 'still';

/** How often those at rest are looked at, in seconds. */
const TIMED = 60;
/** Nothing is known to change in them, but nothing is to be stuck either. */
const STILL = 600;

/**
 * Which of thousands of downloads are looked at in a second: those of which somebody hears or says anything, until they are at rest,
 * and of the others a few in turn. Pure.
 */
export class Awake<Key> {
  readonly #awake = new Set<Key>();
  /** Those at rest of whom time may decide something. */
  readonly #timed = new Set<Key>();
  readonly #turnOfTimed = new InTurn<Key>(TIMED);
  readonly #turnOfAll = new InTurn<Key>(STILL);

  wake(key: Key): void {
    this.#awake.add(key);
  }

  forget(key: Key): void {
    this.#awake.delete(key);
    this.#timed.delete(key);
  }

  /** Calls `look` with what is due in this second; it answers whether that is at rest from now on. */
  everySecond<T>(all: ReadonlyMap<Key, T>, look: (one: T) => Rest): void {
    // Whoever is woken meanwhile is looked at in the next second.
    const due = new Set(this.#awake);
    this.#turnOfTimed.add(this.#timed, due);
    this.#turnOfAll.add(all, due);
    for (const key of due) {
      const one = all.get(key);
      this.forget(key);
      if (one === undefined) continue;
      const rest = look(one);
      if (rest === 'busy') this.#awake.add(key);
      if (rest === 'timed') this.#timed.add(key);
    }
  }
}

/** Goes round a collection, as it is by then, in about so many steps; a step costs what it takes, not what there is. */
class InTurn<Key> {
  readonly #steps: number;
  #of: object | undefined;
  #next: Iterator<Key> | undefined;
  /** What part of one is left over from the steps before. */
  #owed = 0;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** The next step's keys. */
  add(all: { readonly size: number; keys(): Iterator<Key> }, due: Set<Key>): void {
    if (this.#of !== all) this.#next = undefined;
    this.#of = all;
    for (this.#owed += all.size / this.#steps; this.#owed >= 1; this.#owed--) {
      let step = (this.#next ??= all.keys()).next();
      if (step.done === true) step = (this.#next = all.keys()).next();
      if (step.done === true) return;
      due.add(step.value);
    }
  }
}
