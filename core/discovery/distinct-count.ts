import { keepNewest } from '../base/keep-newest.ts';
import { LateSet } from '../base/late-map.ts';

/** With more names than this, the oldest ones may be counted again. */
const MOST_KEPT = 2_000;

/** Counts the different names that it is told, such as those of peers that a source found. */
export class DistinctCount {
  readonly #lately = new LateSet<string>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(name: string): void {
    if (this.#lately.has(name)) return;
    this.#lately.add(name);
    this.#count++;
    keepNewest(this.#lately, MOST_KEPT);
  }
}
