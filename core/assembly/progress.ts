/** Counts what has been done, and tells in steps of a thousandth: not once a piece. */
export class Progress {
  readonly #tell: (done: number, total: number) => void;
  #done = 0;
  #total = 0;
  #told = -1;

  constructor(tell: (done: number, total: number) => void) {
    this.#tell = tell;
  }

  /** From now on `total` is to be done, in bytes read and files finished. */
  begin(total: number): void {
    this.#done = 0;
    this.#total = total;
    this.#told = 0;
    this.#tell(0, total);
  }

  advance(amount: number): void {
    this.#done += amount;
    if (this.#done - this.#told < this.#total / 1000 && this.#done < this.#total) return;
    this.#told = this.#done;
    this.#tell(this.#done, this.#total);
  }
}
