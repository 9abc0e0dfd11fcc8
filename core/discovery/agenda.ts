import { type Millis, millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Tasks that are due within the same span (ms) are done together at its end. */
const SLOT = 250;

const agendas = new WeakMap<Clock, Agenda>();

/** The agenda of all that runs on this clock. */
export function agendaOf(clock: Clock): Agenda {
  let agenda = agendas.get(clock);
  if (agenda === undefined) agendas.set(clock, (agenda = new Agenda(clock)));
  return agenda;
}

/** What is to be done some time for each of thousands of torrents, on one timer: the process wakes a few times a second at most. */
export class Agenda {
  readonly #clock: Clock;
  /** Tasks by the number of the slot in which they are due. */
  readonly #slots = new Map<number, Set<() => void>>();
  #next: { readonly slot: number; readonly timer: Timer } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `task` once, `delay` from now or up to a quarter of a second later. */
  after(delay: Millis, task: () => void): Timer {
    const slot = Math.ceil((this.#clock.now() + delay) / SLOT);
    const tasks = this.#slots.get(slot) ?? new Set();
    // A function of its own, as the same task may be given several times.
    const own = (): void => task();
    this.#slots.set(slot, tasks.add(own));
    if (this.#next === undefined || slot < this.#next.slot) this.#wakeAt(slot);
    return { cancel: () => tasks.delete(own) && this.#cancelled(slot, tasks) };
  }

  #cancelled(slot: number, tasks: ReadonlySet<() => void>): void {
    if (tasks.size > 0 || this.#slots.get(slot) !== tasks) return;
    this.#slots.delete(slot);
    // Where others wait, one wake for nothing costs less than to find the next slot at each cancelling.
    if (this.#slots.size > 0) return;
    this.#next?.timer.cancel();
    this.#next = undefined;
  }

  #wakeAt(slot: number): void {
    this.#next?.timer.cancel();
    const wait = millis(Math.max(0, slot * SLOT - this.#clock.now()));
    this.#next = { slot, timer: this.#clock.after(wait, () => this.#wake(slot)) };
  }

  #wake(slot: number): void {
    this.#next = undefined;
    const tasks = this.#slots.get(slot);
    this.#slots.delete(slot);
    // What one of them cancels does not run any more, and what one sets comes later.
    for (const task of tasks ?? []) task();
    let next = Infinity;
    for (const other of this.#slots.keys()) next = Math.min(next, other);
    if (next < Infinity && this.#next === undefined) this.#wakeAt(next);
  }
}
