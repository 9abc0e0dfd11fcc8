import { networkOf } from '../base/ip.ts';
import { Tally } from '../base/tally.ts';

/** Places, of which each address, or /64 of IPv6, may take only so many. */
export class PlacesByAddress {
  readonly #most: number;
  readonly #taken = new Tally<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns what gives the place back, to be called once; undefined: there is none left for this address. */
  take(address: string): (() => void) | undefined {
    // Whether a link-local address bears its interface or not.
    const who = networkOf(address.replace(/%.*$/, ''));
    if (this.#taken.of(who) >= this.#most) return undefined;
    this.#taken.count(who, 1);
    return () => this.#taken.count(who, -1);
  }
}
