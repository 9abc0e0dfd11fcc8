import { nameStandIn, standsForName } from '../base/stand-in.ts';

/** Names that are known at a time; the one that was asked for longest ago is forgotten. */
const MOST = 4096;

/** Names that a proxy is to look up: above, where everything is an address, each has an address that stands for it. */
export class ProxyNames {
  readonly #addresses = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #count = 0;

  /** What stands for this name from now on. */
  standInFor(name: string): string {
    const key = name.toLowerCase().replace(/\.$/, '');
    let address = this.#addresses.get(key);
    this.#addresses.delete(key);
    address ??= nameStandIn(key, ++this.#count & 0xff_ffff);
    this.#addresses.set(key, address);
    this.#names.set(address, key);
    for (const [oldest, its] of this.#addresses) {
      if (this.#addresses.size <= MOST) break;
      this.#addresses.delete(oldest);
      this.#names.delete(its);
    }
    return address;
  }

  /** The name or address that the proxy is to be told; undefined where this stands for a name that is not known, or no longer. */
  told(host: string): string | undefined {
    return standsForName(host) ? this.#names.get(host) : host;
  }
}
