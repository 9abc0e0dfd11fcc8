import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { Link } from './net-link.ts';
import type { LinkOptions } from './net-link.ts';
import type { Fabric } from './net-host.ts';
import { SimHost } from './net-host.ts';

/** A network of simulated machines. */
export class SimNet {
  readonly #fabric: Fabric;

  constructor(clock: Clock, random: Random) {
    this.#fabric = { clock, random, hosts: new Map(), names: new Map() };
  }

  /** Adds a machine. All its addresses have lines of their own, alike at first. */
  host(addresses: string | readonly string[], options: LinkOptions = {}): SimHost {
    const list = typeof addresses === 'string' ? [addresses] : addresses;
    const links = list.map((address) => new Link(this.#fabric.clock, address, options));
    const host = new SimHost(this.#fabric, links);
    for (const address of list) {
      if (this.#fabric.hosts.has(address)) throw new Error(`two hosts with the address ${address}`);
      this.#fabric.hosts.set(address, host);
    }
    return host;
  }

  /** Gives a name to addresses. */
  name(name: string, addresses: readonly string[]): void {
    this.#fabric.names.set(name, addresses);
  }
}
