/** How many there are of each kind; kinds of which there are none are forgotten. */
export class Tally<Kind> {
  readonly #counts = new Map<Kind, number>();

  of(kind: Kind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Those of which there are some. */
  get kinds(): Iterable<Kind> {
    return this.#counts.keys();
  }

  /** One more, or one less. */
  count(kind: Kind, change: 1 | -1): void {
    const now = this.of(kind) + change;
    if (now > 0) this.#counts.set(kind, now);
    else this.#counts.delete(kind);
  }
}
