import type { Millis } from '../base/ids.ts';

/** As long as a peer of no use is not dialled (`peer-book.ts`): so long who made room for others comes in only where there is plenty of it. */
const WAIT = 1_800_000;
/** Machines that are remembered; beyond it the oldest is forgotten. */
const MOST = 4096;

/** Machines of which a peer had to make room lately: they do not push others out in turn, so that nobody comes and goes for ever. */
export class TurnedOut {
  /** Until when, the oldest first. */
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
