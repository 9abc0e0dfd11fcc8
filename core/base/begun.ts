/** What has been begun step by step, to be ended in the opposite order. */
export class Begun {
  readonly #ends: (() => unknown)[] = [];
  readonly #failed: (error: unknown) => void;

  /** `failed`: hears of an end that went wrong, after which the others still have their turn. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** From now on `end` belongs to it. */
  push(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Ends all, one after the other; harmless twice. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
