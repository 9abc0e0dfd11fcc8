import { closeSync, openSync } from 'node:fs';
import { constants, devNull } from 'node:os';

/** How many descriptors a process keeps for its records and answers when strangers or a low limit have used up the others. */
const COUNT = 8;
/** By the system's numbers: where the call was not a file's, Node does not know their names. */
const EXHAUSTED: ReadonlySet<number> = new Set([constants.errno.EMFILE, constants.errno.ENFILE]);
const NAMES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);

/** Whether a call failed because this process, or the machine, can open nothing more. */
export function isExhausted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, info } = error as { readonly code?: unknown; readonly info?: { readonly errno?: unknown } };
  return NAMES.has(code) || EXHAUSTED.has(Math.abs(Number(info?.errno)));
}

/** Descriptors that are held in reserve, and closed when there are no others. */
export class SpareDescriptors {
  readonly #count: number;
  #held: number[] = [];

  constructor(count: number = COUNT) {
    this.#count = count;
    this.take();
  }

  get held(): number {
    return this.#held.length;
  }

  /** Opens as many as are missing and can be had. */
  take(): void {
    try {
      while (this.#held.length < this.#count) this.#held.push(openSync(devNull, 'r'));
    } catch {
      // It is tried again the next time.
    }
  }

  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }

  /**
   * The result of `task`; if it fails for want of descriptors it is run again with these free. It has to work in one go, as free
   * descriptors are soon taken by whoever connects.
   */
  lend<T>(task: () => T): T {
    if (this.#held.length < this.#count) this.take();
    try {
      return task();
    } catch (error) {
      if (!isExhausted(error) || this.#held.length === 0) throw error;
      return this.free(task);
    }
  }

  /** Runs `task` with these free. */
  free<T>(task: () => T): T {
    this.release();
    try {
      return task();
    } finally {
      this.take();
    }
  }
}

/** The spare descriptors of this process. */
export const spare: SpareDescriptors = new SpareDescriptors();
