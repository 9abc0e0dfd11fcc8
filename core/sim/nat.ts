import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';

/** What a mapping or a filter depends on (RFC 4787, sections 4.1 and 5): nothing, the remote address, or its port too. */
export type NatBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export type NatProtocol = 'tcp' | 'udp';

export interface NatOptions {
  /** For which remotes an inner endpoint keeps its outer port. */
  readonly mapping: NatBehaviour;
  /** Which remotes' packets are let in through a mapping: all, or only those that it was used for. */
  readonly filtering: NatBehaviour;
  /** Whether hosts inside reach each other by their outer endpoints. */
  readonly hairpin?: boolean;
  /** Whether a mapping gets the inner port as its outer one where that is free. */
  readonly keepsPort?: boolean;
  /** Milliseconds after the last packet that left until a mapping ends. */
  readonly udpLifetime?: number;
  readonly tcpLifetime?: number;
}

/** The usual boxes by their old names (RFC 3489); `restricted` is what Linux and most home routers do. */
export const NATS = {
  fullCone: { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  addressRestricted: { mapping: 'endpoint-independent', filtering: 'address-dependent' },
  restricted: { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  symmetric: {
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent',
    keepsPort: false,
  },
} as const satisfies Record<string, NatOptions>;

/** The least that RFC 4787 (REQ-5) and RFC 5382 (REQ-5) allow. */
const UDP_LIFETIME = 120_000;
const TCP_LIFETIME = 7_440_000;

const FIRST_PORT = 50_000;
const LAST_PORT = 65_535;

interface Mapping {
  readonly key: string;
  readonly inner: Endpoint;
  readonly outerPort: number;
  /** When a packet last left for each remote, by what the filter depends on. */
  readonly contacts: Map<string, number>;
  lastOut: number;
}

/** The table of a NAT box with one outer address: which inner endpoint is which outer one, and who may come in. */
export class Nat {
  /** Its address outside. */
  readonly outer: string;
  readonly hairpin: boolean;
  readonly #o: NatOptions;
  readonly #mappings = new Map<string, Mapping>();
  /** By `protocol port`. */
  readonly #byPort = new Map<string, Mapping>();
  readonly #forwards = new Map<string, Endpoint>();
  #next = FIRST_PORT;

  constructor(outer: string, options: NatOptions) {
    this.outer = outer;
    this.hairpin = options.hairpin ?? false;
    this.#o = options;
  }

  /** A packet leaves for `remote`: returns the outer endpoint from which it seems to come. */
  outbound(protocol: NatProtocol, inner: Endpoint, remote: Endpoint, now: number): Endpoint {
    const key = `${protocol} ${formatEndpoint(inner)} ${scope(this.#o.mapping, remote)}`;
    let mapping = this.#mappings.get(key);
    if (mapping === undefined || !this.#lives(protocol, mapping.lastOut, now)) {
      if (mapping !== undefined) this.#end(protocol, mapping);
      const outerPort = this.#choosePort(protocol, inner, now);
      mapping = { key, inner, outerPort, contacts: new Map(), lastOut: now };
      this.#mappings.set(key, mapping);
      this.#byPort.set(`${protocol} ${outerPort}`, mapping);
    }
    mapping.lastOut = now;
    mapping.contacts.set(scope(this.#o.filtering, remote), now);
    return { host: this.outer, port: mapping.outerPort };
  }

  /** A packet comes from `remote` to an outer port: returns the inner endpoint that it is for; undefined: it is dropped. */
  inbound(protocol: NatProtocol, outerPort: number, remote: Endpoint, now: number): Endpoint | undefined {
    const forwarded = this.#forwards.get(`${protocol} ${outerPort}`);
    if (forwarded !== undefined) return forwarded;
    const mapping = this.#byPort.get(`${protocol} ${outerPort}`);
    if (mapping === undefined || !this.#lives(protocol, mapping.lastOut, now)) return undefined;
    if (this.#o.filtering === 'endpoint-independent') return mapping.inner;
    const contact = mapping.contacts.get(scope(this.#o.filtering, remote));
    return contact !== undefined && this.#lives(protocol, contact, now) ? mapping.inner : undefined;
  }

  /** Opens an outer port for everybody, as port mapping does; false where another inner endpoint has it. */
  forward(protocol: NatProtocol, outerPort: number, inner: Endpoint, now: number): boolean {
    const holder = this.#holder(protocol, outerPort, now);
    if (holder !== undefined && formatEndpoint(holder) !== formatEndpoint(inner)) return false;
    this.#forwards.set(`${protocol} ${outerPort}`, inner);
    return true;
  }

  endForward(protocol: NatProtocol, outerPort: number): void {
    this.#forwards.delete(`${protocol} ${outerPort}`);
  }

  #choosePort(protocol: NatProtocol, inner: Endpoint, now: number): number {
    for (const [key, to] of this.#forwards) {
      if (key.startsWith(protocol) && formatEndpoint(to) === formatEndpoint(inner)) return Number(key.split(' ')[1]);
    }
    if (this.#o.keepsPort !== false && this.#holder(protocol, inner.port, now) === undefined) return inner.port;
    for (let tried = FIRST_PORT; tried <= LAST_PORT; tried++) {
      const port = this.#next;
      this.#next = port === LAST_PORT ? FIRST_PORT : port + 1;
      if (this.#holder(protocol, port, now) === undefined) return port;
    }
    throw new Error(`the NAT box ${this.outer} has no port left`);
  }

  /** The inner endpoint that has an outer port. */
  #holder(protocol: NatProtocol, outerPort: number, now: number): Endpoint | undefined {
    const key = `${protocol} ${outerPort}`;
    const mapping = this.#byPort.get(key);
    const mapped = mapping !== undefined && this.#lives(protocol, mapping.lastOut, now) ? mapping.inner : undefined;
    return this.#forwards.get(key) ?? mapped;
  }

  #end(protocol: NatProtocol, mapping: Mapping): void {
    this.#mappings.delete(mapping.key);
    const port = `${protocol} ${mapping.outerPort}`;
    if (this.#byPort.get(port) === mapping) this.#byPort.delete(port);
  }

  #lives(protocol: NatProtocol, since: number, now: number): boolean {
    const { udpLifetime = UDP_LIFETIME, tcpLifetime = TCP_LIFETIME } = this.#o;
    return now - since < (protocol === 'udp' ? udpLifetime : tcpLifetime);
  }
}

/** The part of a remote endpoint that a behaviour depends on. */
function scope(behaviour: NatBehaviour, remote: Endpoint): string {
  switch (behaviour) {
    case 'endpoint-independent':
      return '';
    case 'address-dependent':
      return remote.host;
    case 'address-and-port-dependent':
      return formatEndpoint(remote);
  }
}
