/** Bytes that were written and not packed yet, where they lie. */
export class SendQueue {
  readonly #parts: Uint8Array[] = [];
  /** Which part is the first, and how much of it is gone. */
  #first = 0;
  #gone = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(data: Uint8Array): void {
    if (data.length === 0) return;
    this.#parts.push(data);
    this.#size += data.length;
  }

  /** Takes `count` bytes, which must be there, into `out` at `offset`. */
  take(out: Uint8Array, offset: number, count: number): void {
    this.#size -= count;
    let at = offset;
    let left = count;
    while (left > 0) {
      const part = this.#parts[this.#first];
      if (part === undefined) throw new Error(`${left} bytes are missing in the queue`);
      const length = Math.min(left, part.length - this.#gone);
      if (this.#gone === 0 && length === part.length) out.set(part, at);
      else out.set(part.subarray(this.#gone, this.#gone + length), at);
      at += length;
      left -= length;
      this.#gone += length;
      if (this.#gone === part.length) this.#next();
    }
  }

  clear(): void {
    this.#parts.length = 0;
    this.#first = 0;
    this.#gone = 0;
    this.#size = 0;
  }

  #next(): void {
    this.#gone = 0;
    this.#first++;
    if (this.#first === this.#parts.length) {
      this.#parts.length = 0;
      this.#first = 0;
    } else if (this.#first >= 64) {
      this.#parts.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
