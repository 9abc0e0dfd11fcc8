/** Bytes of a datagram that every network passes (576 less both headers). */
export const LEAST = 548;
/** What passes wherever IPv6 does (1,280 less both headers). Connections begin with it, and those in tunnels stay with it. */
export const USUAL = 1_232;
/** What fits into an Ethernet frame through most tunnels, and without one. */
export const TUNNELLED = 1_400;
export const ETHERNET = 1_472;
/** The longest that are sent where the network takes such, as a machine does from itself: a block and what goes with it. */
export const WIDE = 16_417;
/** Bytes of both headers before a datagram over IPv4. */
export const IP_AND_UDP = 28;

/** How often a size is tried. A longer one only once: the second time the system may know that it is too long, and cut it up. */
const triesOf = (size: number): number => (size > TUNNELLED ? 1 : 2);

/**
 * The size of the datagrams of one connection. Node has no say in whether the network may cut a datagram up, so that one which is too
 * large is just lost, and a packet keeps its number and payload for ever. Hence a larger size is tried with a packet that is
 * padded: if it gets lost, it is sent again without.
 */
export class DatagramSize {
  #size: number;
  /** What is to be tried, the largest first. */
  readonly #larger: number[];
  readonly #tooLong: (size: number) => void;
  #tries = 0;
  /** The number of the packet that is on trial. */
  #trial: number | undefined;

  /** `first`: bytes that are known to pass, or likely to; `larger`: those to try; `tooLong` hears of those that do not pass. */
  constructor(first: number, larger: readonly number[], tooLong: (size: number) => void = () => {}) {
    this.#size = first;
    this.#larger = [...larger].sort((a, b) => b - a);
    this.#tooLong = tooLong;
  }

  /** Bytes of the datagrams that may be sent. */
  get size(): number {
    return this.#size;
  }

  /** The size to try now; undefined: none. */
  get wanted(): number | undefined {
    return this.#trial === undefined ? this.#larger[0] : undefined;
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
    this.#size = this.#larger[0] ?? this.#size;
    this.#larger.length = 0;
  }

  /** A packet is lost; true where the reason is its size, and not the way. */
  lost(seq: number): boolean {
    if (seq !== this.#trial) return false;
    this.#trial = undefined;
    const size = this.#larger[0];
    if (size !== undefined && this.#tries >= triesOf(size)) this.#giveUp(size);
    return true;
  }

  /** The system refuses the size that is on trial. */
  refused(): void {
    const size = this.#larger[0];
    if (this.#trial !== undefined && size !== undefined) this.#giveUp(size);
    this.#trial = undefined;
  }

  #giveUp(size: number): void {
    this.#larger.shift();
    this.#tries = 0;
    this.#tooLong(size);
  }
}
