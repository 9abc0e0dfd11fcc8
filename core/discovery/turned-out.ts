import type { Millis } from '../base/ids.ts';

/**
 * How long a machine that made room for others gets in only while there are free places; as long as useless peers are not dialled
 * (`peer-book.ts`).
 */
const WAIT = 1_800_000;
/** Most machines that are remembered; the oldest one is forgotten first. */
const MOST = 4096;

/** Machines whose peers had to make room lately. They may not push others out in turn, so that peers do not take turns for ever. */
export class TurnedOut {
  /** Until when this holds for each, the oldest first. */
  readonly #until = new Map<string, number>();

  add(machine: string, now: Millis): void {
    this.#until.delete(machine);
    this.#until.set(machine, now + WAIT);
    for (const [oldest, until] of this.#until) {
      if (this.#until.size <= MOST && until > now) return;
      this.#until.delete(oldest);
    }
  }

  has(machine: string, now: Millis): boolean {
    return (this.#until.get(machine) ?? -Infinity) > now;
  }
}
