import { LateSet } from '../../base/late-map.ts';
/** Most different texts of one download that are passed on. */
const MOST = 50;

/** Passes on each text once, as every identity hears the same from a tracker at each announce. */
export class DistinctWarnings {
  readonly #told = new LateSet<string>();
  readonly #tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  say(text: string): void {
    if (this.#told.has(text) || this.#told.size >= MOST) return;
    this.#told.add(text);
    this.#tell(text);
  }
}
