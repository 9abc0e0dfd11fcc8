import type { Clock } from '../ports/clock.ts';

/** One way of a line: bytes leave it one after the other at its rate (bytes/s; 0: without limit). */
export class Line {
  rate: number;
  #freeAt = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.rate = rate;
  }

  /** Books `bytes` from now on; how long until the last of them is through. */
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
  /** One way, milliseconds; both ends' add up. */
  latency: number;
  /** Share of datagrams that vanish, 0 to 1. */
  loss: number;
  /** Bytes that have left from this address. */
  sent = 0;
  #alive = true;
  #present = true;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, address: string, options: LinkOptions) {
    this.address = address;
    this.up = new Line(clock, options.up ?? 0);
    this.down = new Line(clock, options.down ?? 0);
    this.latency = options.latency ?? 0;
    this.loss = options.loss ?? 0;
  }

  get family(): 4 | 6 {
    return familyOf(this.address);
  }

  /** False: nothing passes and nothing is answered, as when a cable is pulled. What is under way passes later. */
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

  /** Calls `task` each time that it starts to pass again; the result ends that. */
  onPassing(task: () => void): () => void {
    this.#waiting.add(task);
    return () => this.#waiting.delete(task);
  }

  #wake(): void {
    if (this.passing) for (const task of this.#waiting) task();
  }
}

export interface LinkOptions {
  /** One way, milliseconds. */
  readonly latency?: number;
  /** Bytes/s that leave; 0 or undefined: without limit. */
  readonly up?: number;
  /** Bytes/s that come in. */
  readonly down?: number;
  /** Share of datagrams that vanish. */
  readonly loss?: number;
}

/** The family of an address literal. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
