import { familyOf } from '../base/ip.ts';
import { linkStandIn6 } from '../base/stand-in.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import { diskCode } from '../ports/disk.ts';
import type { Interfaces, LocalAddress } from '../ports/interfaces.ts';
import type { Net } from '../ports/net.ts';
import type { DatagramKind } from '../wire/datagram-kind.ts';
import { LocalUdp } from './local-udp.ts';
import { usableAddresses } from './usable-addresses.ts';

type Family = 4 | 6;

/** How many ports are tried where any will do and each address has to have the same. */
const TRIES = 10;

export type UdpPorts = { readonly net: Net; readonly clock: Clock; readonly interfaces: Interfaces };

/**
 * The UDP port of an identity, which all protocols share: each gets the datagrams of its kind, and the rest are dropped. One that is
 * bound to an address has a socket there (through a proxy one for each family), and one that is bound to nothing has one on each usable address of the machine: a
 * socket for all of them would answer from any address that the system chooses.
 */
export class SharedUdp {
  readonly #ports: UdpPorts;
  /** The address that it is bound to; undefined: to none. */
  readonly address: string | undefined;
  readonly #handlers = new Map<DatagramKind, DatagramHandler>();
  /** By address. */
  #locals: ReadonlyMap<string, LocalUdp> = new Map();
  /** Unbound, for whoever only asks and does not care from which address: the system chooses that by the way there. */
  readonly #outward = new Map<Family, Promise<LocalUdp>>();
  readonly #listeners = new Set<() => void>();
  /** Why nothing can be sent while there is no socket. */
  #missing = 'EADDRNOTAVAIL';
  #loopback = false;

  constructor(ports: UdpPorts, address: string | undefined) {
    this.#ports = ports;
    this.address = address;
  }

  /** Its port; undefined while it has no socket. */
  get port(): number | undefined {
    return this.#locals.values().next().value?.local.port;
  }

  /** Its socket of each local address, by that address. */
  get locals(): ReadonlyMap<string, LocalUdp> {
    return this.#locals;
  }

  /** Calls `changed` when sockets were opened or closed; returns what ends that. */
  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Sets the handler of the datagrams of a kind, which also hears of failures to send. */
  handle(kind: DatagramKind, handler: DatagramHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Somebody to talk to is on the loopback device: unbound, from the next `follow` on there are sockets there too. */
  useLoopback(): void {
    this.#loopback = true;
  }

  /** Opens it on this port (0: any free one). Rejects with EnsembleError('network'), whose code `diskCode` gives. */
  async open(port: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      const refused = await this.#openAll(port);
      if (refused === undefined) return this.#changed();
      if (port !== 0 || tries >= TRIES || diskCode(refused) !== 'EADDRINUSE') {
        this.#missing = diskCode(refused) ?? 'EIO';
        throw refused as Error;
      }
    }
  }

  /** Whether the machine's addresses ask for other sockets than there are. */
  isStale(local: readonly LocalAddress[]): boolean {
    if (this.address !== undefined || this.#locals.size === 0) return false;
    const wanted = usableAddresses(local, this.#loopback);
    return wanted.length !== this.#locals.size || wanted.some((address) => !this.#locals.has(address));
  }

  /** Unbound and open, it gets the sockets that the machine's addresses ask for now, on the same port. */
  async follow(): Promise<void> {
    const { port } = this;
    if (this.address !== undefined || port === undefined) return;
    const local = this.#ports.interfaces.list();
    if (!this.isStale(local)) return;
    const wanted = new Set(usableAddresses(local, this.#loopback));
    const locals = new Map(this.#locals);
    for (const [address, udp] of locals) {
      if (wanted.delete(address)) continue;
      udp.close();
      locals.delete(address);
    }
    for (const address of wanted) {
      // Taken, or gone again: it is tried again the next time.
      const udp = await this.#openOne(address, port).catch(() => undefined);
      if (udp !== undefined) locals.set(address, udp);
    }
    this.#locals = locals;
    this.#changed();
  }

  close(): void {
    const had = this.#locals.size > 0;
    for (const udp of this.#locals.values()) udp.close();
    this.#locals = new Map();
    for (const opening of this.#outward.values()) opening.then((udp) => udp.close(), () => undefined); // prettier-ignore
    this.#outward.clear();
    this.#missing = 'EADDRNOTAVAIL';
    if (had) this.#changed();
  }

  /** Sends as a socket would; failures are reported later to `failed` of all handlers. */
  send(data: Uint8Array, host: string, port: number): void {
    const family = familyOf(host);
    if (this.#locals.size === 0) return this.#failed(this.#missing, host, port);
    if (this.address !== undefined) {
      for (const [address, own] of this.#locals)
        if (familyOf(address) === family) return void own.send(data, host, port);
      return this.#failed('EAFNOSUPPORT', host, port);
    }
    void this.#outwards(family).then(
      (udp) => udp.send(data, host, port),
      (error: unknown) => this.#failed(diskCode(error) ?? 'EIO', host, port),
    );
  }

  /** Returns why it was refused. */
  async #openAll(port: number): Promise<unknown> {
    const locals = new Map<string, LocalUdp>();
    let refused: unknown;
    const { address: bound } = this;
    // A link through a proxy has an address of each family.
    const addresses =
      bound === undefined
        ? usableAddresses(this.#ports.interfaces.list(), this.#loopback)
        : [bound, linkStandIn6(bound)].filter((one) => one !== undefined);
    for (const address of addresses) {
      const first = locals.values().next().value?.local.port;
      try {
        locals.set(address, await this.#openOne(address, first ?? port));
      } catch (error) {
        refused = error;
        // Where a proxy carries no datagrams of one family it carries none.
        if (bound !== undefined) break;
        // An address may be gone, or a family missing. But a port that is free on one address and taken on another is no use.
        if (diskCode(error) === 'EADDRINUSE') break;
      }
    }
    if (addresses.length > 0 && (locals.size === 0 || diskCode(refused) === 'EADDRINUSE')) {
      for (const udp of locals.values()) udp.close();
      return refused;
    }
    this.#locals = locals;
    return undefined;
  }

  #openOne(address: string, port: number): Promise<LocalUdp> {
    return LocalUdp.open(this.#ports.net, { family: familyOf(address), address, port }, this.#handlers);
  }

  #outwards(family: Family): Promise<LocalUdp> {
    let opening = this.#outward.get(family);
    if (opening === undefined) {
      opening = LocalUdp.open(this.#ports.net, { family, port: 0 }, this.#handlers);
      this.#outward.set(family, opening);
      // The next one who sends tries again.
      opening.catch(() => this.#outward.delete(family));
    }
    return opening;
  }

  #failed(code: string, host: string, port: number): void {
    this.#ports.clock.soon(() => {
      for (const handler of this.#handlers.values()) handler.failed?.(code, host, port);
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
