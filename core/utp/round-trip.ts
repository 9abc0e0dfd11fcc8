/** Milliseconds. What others wait at least before they send again (libtorrent). */
const LEAST = 500;
const FIRST = 3_000;
const MOST = 30_000;

/** How long a round trip takes, and with that how long to wait for an acknowledgement (RFC 6298). All times in milliseconds. */
export class RoundTrip {
  #mean: number | undefined;
  #deviation = 0;
  /** How often the time-out was doubled. */
  #doubled = 0;

  /** How long to wait before what is under way counts as lost. */
  get timeout(): number {
    const once = this.#mean === undefined ? FIRST : Math.max(LEAST, this.#mean + 4 * this.#deviation);
    return Math.min(MOST, once * 2 ** this.#doubled);
  }

  /** The mean; undefined while there was no sample. */
  get mean(): number | undefined {
    return this.#mean;
  }

  /** A packet that was sent once was acknowledged after `time`. */
  add(time: number): void {
    if (this.#mean === undefined) {
      this.#mean = time;
      this.#deviation = time / 2;
      return;
    }
    this.#deviation += (Math.abs(this.#mean - time) - this.#deviation) / 4;
    this.#mean += (time - this.#mean) / 8;
  }

  timedOut(): void {
    this.#doubled++;
  }

  /** Something new was acknowledged. */
  heard(): void {
    this.#doubled = 0;
  }
}
