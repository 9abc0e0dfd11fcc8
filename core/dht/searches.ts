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

  /** Whether there is any; of thousands that wait, without a look at each. */
  get any(): boolean {
    const lasts = ({ over }: Search): boolean => !over;
    return this.#running.some(lasts) || this.#line.some(({ search }) => lasts(search));
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
    const few = nodes === 0 || (joining && nodes < LEAST_NODES);
    while (few || this.#running.length < AT_ONCE) {
      const [next] = this.#line;
      // Who waits longest stands first: thousands are not looked at with each packet.
      if (next === undefined || (few && !next.search.over && now - next.since < PATIENCE)) return;
      this.#line.shift();
      if (few) next.search.cancel();
      if (next.search.over) continue;
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
