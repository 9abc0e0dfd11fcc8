import type { EventQueue } from './event-queue.ts';

/** Bytes a second of a line that has no limit. */
const UNLIMITED = 125_000_000;
/** Blocks that may be on their way to one who receives slowly. */
const MOST_UNDER_WAY = 4;

/** Somebody to send to. */
export interface Served {
  readonly choking: boolean;
  readonly closed: boolean;
  /** Blocks that were asked for. */
  readonly requests: number[];
  /** A program that may not take more. */
  readonly program: { readonly full: boolean } | undefined;
  /** It is among those that are served in turn; the line writes it. */
  served: boolean;
  /** Blocks that have left and not arrived. */
  underWay: number;
}

/** What goes out of a peer: block after block, those that wait being served in turn, as connections of equal right share a line. */
export class Uplink<E extends Served> {
  readonly #queue: EventQueue;
  readonly #now: () => number;
  readonly #rate: number;
  readonly #sizeOf: (block: number) => number;
  readonly #left: (end: E, block: number) => void;
  readonly #served: E[] = [];
  #turn = 0;
  #busy = false;

  constructor(options: {
    readonly queue: EventQueue;
    readonly now: () => number;
    /** Bytes a second; 0: without limit. */
    readonly rate: number;
    readonly sizeOf: (block: number) => number;
    /** A block has left. */
    readonly left: (end: E, block: number) => void;
  }) {
    this.#queue = options.queue;
    this.#now = options.now;
    this.#rate = options.rate > 0 ? options.rate : UNLIMITED;
    this.#sizeOf = options.sizeOf;
    this.#left = options.left;
  }

  /** There is something to send to this one, or room for it. */
  offer(end: E): void {
    if (!end.served) {
      end.served = true;
      this.#served.push(end);
    }
    this.pump();
  }

  pump(): void {
    if (this.#busy) return;
    const end = this.#next();
    const block = end?.requests.shift();
    if (end === undefined || block === undefined) return;
    this.#busy = true;
    end.underWay++;
    this.#queue.add(this.#now() + this.#sizeOf(block) / this.#rate, () => {
      this.#busy = false;
      this.#left(end, block);
      this.pump();
    });
  }

  /** The next in turn that can be served; those with nothing to get leave. */
  #next(): E | undefined {
    const served = this.#served;
    for (let tries = served.length; tries > 0; tries--) {
      if (this.#turn >= served.length) this.#turn = 0;
      const end = served[this.#turn];
      if (end === undefined) return undefined;
      if (end.choking || end.closed || end.requests.length === 0) {
        end.served = false;
        served.splice(this.#turn, 1);
      } else {
        this.#turn++;
        if (end.underWay < MOST_UNDER_WAY && end.program?.full !== true) return end;
      }
    }
    return undefined;
  }
}
