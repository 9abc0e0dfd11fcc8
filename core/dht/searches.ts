import { type Millis, millis } from '../base/ids.ts';
import type { Search } from './search.ts';

/** Searches under way at a time; of many torrents the others wait. */
const AT_ONCE = 8;
/** With fewer nodes a search would end before it began. */
const LEAST_NODES = 3;
/** How long a search waits where no node is known. */
const PATIENCE = millis(60_000);

/** The searches of a node, in the order in which they came. */
export class Searches {
  #line: { readonly search: Search; readonly since: Millis }[] = [];
  #running: Search[] = [];

  get count(): number {
    return [...this.#line.map(({ search }) => search), ...this.#running].filter(({ over }) => !over).length;
  }

  get running(): boolean {
    return this.#running.length > 0;
  }

  add(search: Search, now: Millis): void {
    this.#line.push({ search, since: now });
  }

  /** `nodes`: how many the table has; `joining`: there may be more in a moment. */
  pump(nodes: number, joining: boolean, now: Millis): void {
    for (const search of this.#running) search.pump();
    this.#running = this.#running.filter(({ over }) => !over);
    if (this.#line.length === 0) return;
    this.#line = this.#line.filter(({ search }) => !search.over);
    if (nodes === 0 || (joining && nodes < LEAST_NODES)) {
      for (const { search, since } of this.#line) if (now - since >= PATIENCE) search.cancel();
      return;
    }
    while (this.#running.length < AT_ONCE) {
      const next = this.#line.shift();
      if (next === undefined) return;
      this.#running.push(next.search);
      next.search.begin();
    }
  }

  end(): void {
    for (const search of [...this.#running, ...this.#line.map((one) => one.search)]) search.cancel();
    this.#running = [];
    this.#line = [];
  }
}
