import type { Hasher } from '../ports/hasher.ts';

/** Begun pieces of one identity process, over all downloads (architecture, "The way of the data"). */
const DEFAULT_BUDGET = 64 * 1024 * 1024;
/** Bytes of buffers that are kept for the next pieces; with fewer, fresh memory costs more than the copy into it. */
const SPARE_BYTES = 8 * 1024 * 1024;

/** How many bytes begun pieces may take; shared by those who share a process. */
export class MemoryBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes them where they fit; one piece always does, however large. */
  take(bytes: number): boolean {
    if (this.#used > 0 && this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  }

  /** Takes them in any case. */
  force(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

const budgets = new WeakMap<Hasher, MemoryBudget>();

/** The one budget of a process. */
export function memoryBudgetOf(hasher: Hasher): MemoryBudget {
  let budget = budgets.get(hasher);
  if (budget === undefined) {
    budget = new MemoryBudget(DEFAULT_BUDGET);
    budgets.set(hasher, budget);
  }
  return budget;
}

/** Buffers for pieces, used again and again: a piece costs no allocation. */
export class PieceBuffers {
  readonly #hasher: Hasher;
  readonly #length: number;
  readonly #spare: Uint8Array[] = [];

  constructor(hasher: Hasher, pieceLength: number) {
    this.#hasher = hasher;
    this.#length = pieceLength;
  }

  take(): Uint8Array {
    return this.#spare.pop() ?? this.#hasher.allocate(this.#length);
  }

  /** To be given back only by who knows that nobody writes into it any more. */
  give(buffer: Uint8Array): void {
    // One that was lost with who hashed it has no bytes any more.
    if (buffer.length < this.#length) return;
    if ((this.#spare.length + 1) * this.#length <= SPARE_BYTES) this.#spare.push(buffer);
  }

  /** Keeps none: nothing is being downloaded. */
  clear(): void {
    this.#spare.length = 0;
  }
}
