/** Counts what has been done, and reports it in steps of a thousandth rather than for each piece. */
export class Progress {
  readonly #tell: (done: number, total: number) => void;
  #done = 0;
  #total = 0;
  #told = -1;

  constructor(tell: (done: number, total: number) => void) {
    this.#tell = tell;
  }

  /** Sets how much is to be done: bytes to read and files to finish. */
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
