const collator = (locale?: string): Intl.Collator => new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });

/** Made with the page, as the first one takes several milliseconds, which a click would wait for. */
const usual = collator();

/** Names forgotten from here on, as a multiple of those that are there. */
const KEPT = 2;

/**
 * The places of names in their order, kept from one call to the next: to compare thousands of names as people order them takes
 * tens of milliseconds, and they hardly change.
 */
export class Ranks {
  readonly #compare: (a: string, b: string) => number;
  #ranks: ReadonlyMap<string, number> = new Map();

  constructor(locale?: string) {
    this.#compare = (locale === undefined ? usual : collator(locale)).compare;
  }

  /** Equal for names that differ in nothing that matters for their order. */
  of(names: readonly string[]): ReadonlyMap<string, number> {
    const distinct = new Set(names);
    const known = [...distinct].every((name) => this.#ranks.has(name));
    if (known && this.#ranks.size <= KEPT * distinct.size + 100) return this.#ranks;
    // Those that were in order already come first, as that makes it nearly sorted.
    const before = [...this.#ranks.keys()].filter((name) => distinct.has(name));
    const sorted = [...new Set([...before, ...distinct])].sort(this.#compare);
    let rank = 0;
    this.#ranks = new Map(
      sorted.map((name, i) => {
        if (i > 0 && this.#compare(sorted[i - 1] ?? '', name) !== 0) rank = i;
        return [name, rank];
      }),
    );
    return this.#ranks;
  }
}
