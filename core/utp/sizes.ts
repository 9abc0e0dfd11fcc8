/** Bytes of the largest datagram that we send: what fits into an Ethernet frame through most tunnels. */
export const LARGEST = 1_400;
/** What passes wherever IPv6 does (1,280 less both headers). Every connection begins with it, and those in tunnels stay with it. */
export const USUAL = 1_232;
/** How often a larger size is tried. */
const TRIES = 2;

/**
 * The size of the datagrams of one connection. Node has no say in whether the network may cut a datagram up, so that one which is too
 * large is just lost, and a packet keeps its number and payload for ever. Hence the larger size is tried with a packet that is
 * padded: if it gets lost, it is sent again without.
 */
export class DatagramSize {
  #size: number;
  readonly #most: number;
  #tries = 0;
  /** The number of the packet that is on trial. */
  #trial: number | undefined;

  /** `first`: bytes that are known to pass, or likely to; `most`: those to try. */
  constructor(first: number, most: number) {
    this.#size = first;
    this.#most = Math.max(first, most);
  }

  /** Bytes of the datagrams that may be sent. */
  get size(): number {
    return this.#size;
  }

  /** The size to try now; undefined: none. */
  get wanted(): number | undefined {
    return this.#trial === undefined && this.#size < this.#most && this.#tries < TRIES ? this.#most : undefined;
  }

  /** This packet leaves with the size that is wanted. */
  begin(seq: number): void {
    this.#trial = seq;
    this.#tries++;
  }

  /** A packet arrived as it was sent the first time. */
  arrived(seq: number): void {
    if (seq !== this.#trial) return;
    this.#trial = undefined;
    this.#size = this.#most;
  }

  /** A packet is lost; true where the reason is its size, and not the way. */
  lost(seq: number): boolean {
    if (seq !== this.#trial) return false;
    this.#trial = undefined;
    return true;
  }

  /** The system refuses the larger size. */
  refused(): void {
    this.#tries = TRIES;
    this.#trial = undefined;
  }
}
