import { familyOf } from '../base/ip.ts';
import type { Clock } from '../ports/clock.ts';

/** Milliseconds. */
export const HELD_BACK = 30;

/** One way of a line: bytes leave it one after the other at its rate (bytes/s; 0: without limit). */
export class Line {
  rate: number;
  /** Most bytes of a connection that leave before those of the others have a turn: what is said in a few bytes waits for so many of each. */
  turn = 16_384;
  #freeAt = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.rate = rate;
  }

  /** Bytes that wait for their turn; 0 without a rate. */
  get waiting(): number {
    return (Math.max(0, this.#freeAt - this.#clock.now()) * this.rate) / 1000;
  }

  /** Reserves the line for `bytes`; returns how long until the last of them has passed. */
  book(bytes: number): number {
    const now = this.#clock.now();
    const begin = Math.max(this.#freeAt, now);
    this.#freeAt = this.rate > 0 ? begin + (bytes / this.rate) * 1000 : begin;
    return this.#freeAt - now;
  }
}

/** One address of a simulated machine, with the line behind it. Tests change its fields as they go. */
export class Link {
  readonly address: string;
  readonly up: Line;
  readonly down: Line;
  /** Latency one way in milliseconds; those of both ends add up. */
  latency: number;
  /**
   * Fractions of datagrams, 0 to 1: that are lost (`loss`), that arrive twice, that are overtaken by what is sent up to `HELD_BACK`
   * later.
   */
  loss: number;
  duplication: number;
  reordering: number;
  /** Bytes that may wait for the line's rate; datagrams beyond that are lost. */
  queue: number;
  /** Hosts with the same segment hear each other's multicast. */
  readonly segment: string | undefined;
  /** Bytes that have left from this address. */
  sent = 0;
  #alive = true;
  #present = true;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, address: string, options: LinkOptions) {
    this.address = address;
    this.up = options.shared?.up ?? new Line(clock, options.up ?? 0);
    this.down = options.shared?.down ?? new Line(clock, options.down ?? 0);
    this.latency = options.latency ?? 0;
    this.loss = options.loss ?? 0;
    this.duplication = options.duplication ?? 0;
    this.reordering = options.reordering ?? 0;
    this.queue = options.queue ?? Infinity;
    this.segment = options.segment;
  }

  get family(): 4 | 6 {
    return familyOf(this.address);
  }

  /** False: nothing passes and nothing is answered, as when a cable is pulled. What is under way arrives later. */
  get alive(): boolean {
    return this.#alive;
  }

  set alive(value: boolean) {
    this.#alive = value;
    this.#wake();
  }

  /** False: the machine does not have the address any more; connections over it get nothing through. */
  get present(): boolean {
    return this.#present;
  }

  set present(value: boolean) {
    this.#present = value;
    this.#wake();
  }

  get passing(): boolean {
    return this.#alive && this.#present;
  }

  /** Calls `task` whenever the line starts to work again, until the result is called. */
  onPassing(task: () => void): () => void {
    this.#waiting.add(task);
    return () => this.#waiting.delete(task);
  }

  #wake(): void {
    if (this.passing) for (const task of this.#waiting) task();
  }
}

export interface LinkOptions {
  /** Latency one way, in milliseconds. */
  readonly latency?: number;
  /** Upload rate in bytes/s; 0 or undefined: without limit. */
  readonly up?: number;
  /** Download rate in bytes/s; 0 or undefined: without limit. */
  readonly down?: number;
  /** In place of both rates: lines that this address shares with others. */
  readonly shared?: { readonly up: Line; readonly down: Line };
  readonly loss?: number;
  readonly duplication?: number;
  readonly reordering?: number;
  readonly queue?: number;
  readonly segment?: string;
}
