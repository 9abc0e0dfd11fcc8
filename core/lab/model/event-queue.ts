import { type Due, DueHeap } from '../../sim/due-heap.ts';

/** What happens at a time of its own. */
interface Entry extends Due {
  readonly run: () => void;
}

/** Events in the order of their times; those at the same time in the order in which they were put in. */
export class EventQueue {
  readonly #heap = new DueHeap<Entry>();
  #order = 0;

  /** When the first one is due; Infinity: there is none. */
  get due(): number {
    return this.#heap.first?.due ?? Infinity;
  }

  add(due: number, run: () => void): void {
    this.#heap.add({ due, order: this.#order++, run });
  }

  /** Takes out the first one and runs it. */
  run(): void {
    this.#heap.take()?.run();
  }
}
