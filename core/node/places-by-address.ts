import { networkOf } from '../base/ip.ts';

/** Places, of which each address, or /64 of IPv6, may take only so many. */
export class PlacesByAddress {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns what gives the place back, to be called once; undefined: there is none left for this address. */
  take(address: string): (() => void) | undefined {
    // Whether a link-local address bears its interface or not.
    const who = networkOf(address.replace(/%.*$/, ''));
    const count = this.#taken.get(who) ?? 0;
    if (count >= this.#most) return undefined;
    this.#taken.set(who, count + 1);
    return () => {
      const left = (this.#taken.get(who) ?? 1) - 1;
      if (left === 0) this.#taken.delete(who);
      else this.#taken.set(who, left);
    };
  }
}
