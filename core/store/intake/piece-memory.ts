import type { Hasher } from '../../ports/hasher.ts';

/** Memory for begun pieces of all downloads of one identity process (architecture, "The way of the data"). */
const DEFAULT_BUDGET = 64 * 1024 * 1024;
/**
 * Bytes of buffers that are kept for the next pieces: four of the largest usual ones, about what is hashed and written at a time. With fewer,
 * buffers are thrown away and taken anew, and those that the collector has not come to yet are memory, too.
 */
const SPARE_BYTES = 16 * 1024 * 1024;

/** How many bytes begun pieces may take; shared by all downloads of a process. */
export class MemoryBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes bytes if they fit; a single piece always does, however large. */
  take(bytes: number): boolean {
    if (this.#used > 0 && this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  }

  /** Takes bytes in any case. */
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

/** Buffers for pieces, used again and again so that a piece costs no allocation. */
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

  /** Takes back a buffer that nobody writes into any more. */
  give(buffer: Uint8Array): void {
    // A buffer that was lost with a hashing thread has no bytes any more.
    if (buffer.length < this.#length) return;
    if ((this.#spare.length + 1) * this.#length <= SPARE_BYTES) this.#spare.push(buffer);
  }

  /** Keeps none: nothing is being downloaded. */
  clear(): void {
    this.#spare.length = 0;
  }
}
