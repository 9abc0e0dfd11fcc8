import { familyOf } from '../base/ip.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { Nat } from './nat.ts';
import type { NatOptions, NatProtocol } from './nat.ts';
import type { Arrival, Fabric, Router } from './net-host.ts';
import { SimHost } from './net-host.ts';
import { Link } from './net-link.ts';
import type { LinkOptions } from './net-link.ts';

/** The box between a network and the one outside it. */
interface Gateway {
  readonly nat: Nat;
  readonly outside: Lan;
}

/** Hosts that reach each other directly: the internet, or what is behind a NAT box. IPv6 has no boxes: it is one network for all. */
export class Lan implements Router {
  readonly #fabric: Fabric;
  readonly #gateway: Gateway | undefined;
  readonly #hosts = new Map<string, SimHost>();
  /** Networks behind boxes whose outer address is here. */
  readonly #behind = new Map<string, Lan>();

  constructor(fabric: Fabric, gateway?: Gateway) {
    this.#fabric = fabric;
    this.#gateway = gateway;
  }

  /** The box in front of it; undefined: this is the internet. */
  get nat(): Nat | undefined {
    return this.#gateway?.nat;
  }

  /** Adds a machine. Each of its addresses has a line of its own, at first with the same options. */
  host(addresses: string | readonly string[], options: LinkOptions = {}): SimHost {
    const list = typeof addresses === 'string' ? [addresses] : addresses;
    const { clock } = this.#fabric;
    const shared = { ...(this.nat === undefined ? {} : { segment: this.nat.outer }), ...options };
    const links = list.map((address) => new Link(clock, address, shared));
    const host = new SimHost(this.#fabric, this, links);
    for (const address of list) this.#at(address).#claim(address, host);
    this.#fabric.hosts.add(host);
    return host;
  }

  /** A network behind a NAT box with this outer address. */
  behind(outer: string, options: NatOptions): Lan {
    const lan = new Lan(this.#fabric, { nat: new Nat(outer, options), outside: this });
    if (this.#has(outer)) throw new Error(`two hosts with the address ${outer}`);
    this.#behind.set(outer, lan);
    return lan;
  }

  /** Sends a packet from a host of this network on its way, through NAT boxes; undefined: it does not arrive. */
  route(protocol: NatProtocol, from: Endpoint, to: Endpoint): Arrival | undefined {
    const lan = this.#at(to.host);
    const host = lan.#hosts.get(to.host);
    if (host !== undefined) return { host, from, to };
    const now = this.#fabric.clock.now();
    const behind = lan.#behind.get(to.host);
    if (behind !== undefined) return behind.#enter(protocol, from, to, now);
    const gateway = lan.#gateway;
    if (gateway === undefined) return undefined;
    const mapped = gateway.nat.outbound(protocol, from, to, now);
    if (to.host !== gateway.nat.outer) return gateway.outside.route(protocol, mapped, to);
    return gateway.nat.hairpin ? lan.#enter(protocol, mapped, to, now) : undefined;
  }

  #enter(protocol: NatProtocol, from: Endpoint, to: Endpoint, now: number): Arrival | undefined {
    const inner = this.nat?.inbound(protocol, to.port, from, now);
    if (inner === undefined) return undefined;
    const host = this.#hosts.get(inner.host);
    if (host !== undefined) return { host, from, to: inner };
    const behind = this.#behind.get(inner.host);
    return behind === undefined ? undefined : behind.#enter(protocol, from, inner, now);
  }

  /** The network that knows an address. */
  #at(address: string): Lan {
    return familyOf(address) === 6 && this.#gateway !== undefined ? this.#gateway.outside.#at(address) : this;
  }

  #has(address: string): boolean {
    return this.#hosts.has(address) || this.#behind.has(address);
  }

  #claim(address: string, host: SimHost): void {
    if (this.#has(address)) throw new Error(`two hosts with the address ${address}`);
    this.#hosts.set(address, host);
  }
}
