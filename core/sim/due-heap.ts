/** Something that happens at a time of its own. */
export interface Due {
  /** When. */
  readonly due: number;
  /** Which of those at the same time comes first: the lower number. */
  readonly order: number;
}

/** Things in the order of their times, of which the first one can be taken out: a binary heap. */
export class DueHeap<E extends Due> {
  #entries: E[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The one that is due first; undefined: there is none. */
  get first(): E | undefined {
    return this.#entries[0];
  }

  add(entry: E): void {
    const heap = this.#entries;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >>> 1;
      const parent = heap[up];
      if (parent === undefined || before(parent, entry)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  /** Takes the first one out. */
  take(): E | undefined {
    const heap = this.#entries;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (child === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        down++;
      }
      if (before(last, child)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
    return first;
  }

  /** Keeps these alone; a sorted array is a valid heap. */
  keep(which: (entry: E) => boolean): void {
    this.#entries = this.#entries.filter(which).sort((a, b) => (before(a, b) ? -1 : 1));
  }
}

function before(a: Due, b: Due): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
