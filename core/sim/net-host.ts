import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type {
  CloseReason,
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  ListenOptions,
  Net,
  ResolvedAddress,
} from '../ports/net.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from '../ports/datagram.ts';
import type { InterfaceFacts, Interfaces, LocalAddress, Route } from '../ports/interfaces.ts';
import type { Random } from '../ports/random.ts';
import { millis } from '../base/ids.ts';
import { parseIp, familyOf } from '../base/ip.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import type { SimSocket } from './datagrams.ts';
import { MOST_PAYLOAD, SimSockets, carry, isMulticast } from './datagrams.ts';
import type { NatProtocol } from './nat.ts';
import { SimConnection } from './net-connection.ts';
import type { Link } from './net-link.ts';
import { talkFirst } from './via.ts';

/** What all hosts of one simulated network share. */
export interface Fabric {
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Map<string, readonly string[]>;
  /** All hosts. */
  readonly hosts: Set<SimHost>;
}

/** Where a packet arrives: the host that has the address, and both endpoints as that host sees them. */
export interface Arrival {
  readonly host: SimHost;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** Finds the way of packets that leave a host. */
export interface Router {
  /** Where a packet that leaves now arrives; undefined: nowhere. */
  route(protocol: NatProtocol, from: Endpoint, to: Endpoint): Arrival | undefined;
}

interface Listening {
  readonly options: ListenOptions;
  readonly accept: (connection: Connection) => ConnectionHandler | undefined;
}

/** One machine on a simulated network: its view of the net, and its addresses. */
export class SimHost implements Net, Interfaces {
  readonly #fabric: Fabric;
  readonly #router: Router;
  readonly #links: Map<string, Link>;
  /** By `address port`; `*` where all addresses listen. */
  readonly #listening = new Map<string, Listening>();
  readonly #sockets = new SimSockets();
  readonly #connections = new Set<SimConnection>();
  /** Whether the name servers of its links are not known. */
  namesElsewhere = false;
  /** Addresses from which there is no way: what leaves them is refused, as where a route is missing. */
  readonly wayless = new Set<string>();
  #port = 40_000;
  /** Its routing table. Tests may change it at any time. */
  table: readonly Route[] = [];

  constructor(fabric: Fabric, router: Router, links: readonly Link[]) {
    this.#fabric = fabric;
    this.#router = router;
    this.#links = new Map(links.map((link) => [link.address, link]));
  }

  /** The line behind one of its addresses (the first one where undefined). Tests may change it at any time. */
  link(address?: string): Link {
    const link = address === undefined ? this.#links.values().next().value : this.#links.get(address);
    if (!link) throw new Error(`this host has no address ${address}`);
    return link;
  }

  /** Connections that are established or being made. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Breaks all its connections, at both ends. */
  breakConnections(code: string = 'ECONNRESET'): void {
    for (const connection of this.#connections) connection.reset(code);
  }

  /** Addresses that share a line are those of one interface. */
  list(): readonly LocalAddress[] {
    const present = [...this.#links.values()].filter((link) => link.present);
    const lines = [...new Set(present.map(({ up }) => up))];
    return present.map((link) => ({
      interfaceName: `sim${lines.indexOf(link.up)}`,
      address: link.address,
      family: link.family,
      internal: false,
      prefix: link.family === 6 ? 64 : 24,
    }));
  }

  describe(): Promise<ReadonlyMap<string, InterfaceFacts>> {
    const facts = { kind: 'wired', up: true, pointToPoint: false } as const;
    return Promise.resolve(new Map(this.list().map(({ interfaceName }) => [interfaceName, facts])));
  }

  routes(family: 4 | 6): Promise<readonly Route[]> {
    return Promise.resolve(this.table.filter((route) => route.family === family));
  }

  dial(options: DialOptions, given: ConnectionHandler): Connection {
    const { clock } = this.#fabric;
    const { via } = options;
    const remote = via?.proxy ?? options.remote;
    const handler = via === undefined ? given : talkFirst(clock, via, options.connectTimeout, given);
    const link = this.#leave(options.localAddress, familyOf(remote.host));
    const local = { host: link?.address ?? options.localAddress ?? '', port: this.#freePort() };
    const arrival = link === undefined ? undefined : this.#router.route('tcp', local, remote);
    const farLink = arrival?.host.link(arrival.to.host);
    const anyLink = link ?? this.link();
    const connection = new SimConnection(
      clock,
      { local, remote: options.remote, outgoing: true, link: anyLink, farLink: farLink ?? anyLink },
      (ended) => this.#connections.delete(ended),
    );
    connection.handler = handler;
    this.#connections.add(connection);
    const failIn = (wait: number, reason: CloseReason): Timer =>
      clock.after(millis(wait), () => connection.fail(reason));
    if (!link) {
      failIn(0, { kind: 'error', code: options.localAddress === undefined ? 'ENETUNREACH' : 'EADDRNOTAVAIL' });
      return connection;
    }
    if (this.wayless.has(link.address)) {
      failIn(0, { kind: 'error', code: 'ENETUNREACH' });
      return connection;
    }
    const giveUp = failIn(options.connectTimeout, { kind: 'timeout', what: 'connect' });
    if (!arrival || !farLink) return connection;
    const latency = millis(link.latency + farLink.latency);
    clock.after(latency, () => {
      if (!link.passing || !farLink.passing || !this.#connections.has(connection)) return;
      const accepted = arrival.host.#answer(arrival.to, arrival.from, farLink, link);
      if (!accepted) {
        failIn(latency, { kind: 'error', code: 'ECONNREFUSED' });
        return;
      }
      accepted.connection.peer = connection;
      clock.after(latency, () => {
        giveUp.cancel();
        if (!this.#connections.has(connection)) return accepted.connection.destroy();
        connection.peer = accepted.connection;
        connection.open(options.silenceTimeout, options.stuckTimeout);
        handler.connected?.(connection);
      });
      accepted.start();
    });
    return connection;
  }

  listen(options: ListenOptions, accept: (connection: Connection) => ConnectionHandler | undefined): Promise<Listener> {
    const local = { host: options.address ?? '0.0.0.0', port: options.port === 0 ? this.#freePort() : options.port };
    const refuse = (code: string): Promise<never> =>
      Promise.reject(networkError(`listen on ${formatEndpoint(local)}`, systemError(code)));
    if (options.address !== undefined && !this.#links.get(options.address)?.present) return refuse('EADDRNOTAVAIL');
    const key = `${options.address ?? '*'} ${local.port}`;
    const taken = [...this.#listening.keys()].some(
      (other) => other === key || (other.endsWith(` ${local.port}`) && (key.startsWith('*') || other.startsWith('*'))),
    );
    if (taken) return refuse('EADDRINUSE');
    this.#listening.set(key, { options, accept });
    const accepted = this.#connections;
    return Promise.resolve({
      local,
      get standing() {
        let count = 0;
        for (const { outgoing, local: end } of accepted) if (!outgoing && end.port === local.port) count++;
        return count;
      },
      close: () => {
        this.#listening.delete(key);
        return Promise.resolve();
      },
    });
  }

  datagram(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket> {
    const { localAddress, family, multicast } = options;
    const { clock } = this.#fabric;
    const port = options.port || this.#freePort();
    const any = family === 6 ? '::' : '0.0.0.0';
    const refuse = (code: string): Promise<never> =>
      Promise.reject(networkError(`open a UDP socket on ${localAddress ?? any}:${port}`, systemError(code)));
    if (localAddress !== undefined && familyOf(localAddress) !== family) return refuse('EAFNOSUPPORT');
    if (localAddress !== undefined && !this.#leave(localAddress, family)) return refuse('EADDRNOTAVAIL');
    if (multicast !== undefined && localAddress === undefined) return refuse('EINVAL');
    if (this.#sockets.taken(options, port)) return refuse('EADDRINUSE');
    const socket = { options, port, handler };
    this.#sockets.add(socket);
    return Promise.resolve({
      local: { host: localAddress ?? any, port },
      send: (data, host, remotePort) => {
        if (!this.#sockets.has(socket)) return true;
        const sent = this.#send(socket, data, { host, port: remotePort });
        if (typeof sent === 'boolean') return sent;
        clock.soon(() => handler.failed?.(sent, host, remotePort));
        return true;
      },
      close: () => this.#sockets.delete(socket),
    });
  }

  resolve(host: string, from?: string): Promise<readonly ResolvedAddress[]> {
    const literal = /^[0-9.]+$/.test(host) || host.includes(':');
    const addresses = literal ? [host] : this.#fabric.names.get(host);
    const refuse = (code: string): Promise<never> => Promise.reject(networkError(`resolve ${host}`, systemError(code)));
    if (from !== undefined && !literal && !this.#leave(from, familyOf(from))) return refuse('EADDRNOTAVAIL');
    if (!addresses) return refuse('ENOTFOUND');
    const found = addresses.map((address) => ({ address, family: familyOf(address) }));
    return Promise.resolve(found.filter(({ family }) => from === undefined || family === familyOf(from)));
  }

  ownNameServers(): Promise<boolean> {
    return Promise.resolve(this.namesElsewhere === false);
  }

  leadsOut(family: 4 | 6, from?: string): Promise<boolean | undefined> {
    const link = this.#leave(from, family);
    return Promise.resolve(link === undefined ? undefined : !this.wayless.has(link.address));
  }

  /** Puts a datagram on its way; returns the error code where that is impossible, else whether its bytes are read already. */
  #send({ options, port }: SimSocket, data: Uint8Array, to: Endpoint): string | boolean {
    const ip = parseIp(to.host);
    if (ip === undefined || familyOf(to.host) !== options.family || to.port < 1 || to.port > 65_535) return 'EINVAL';
    if (data.length > MOST_PAYLOAD) return 'EMSGSIZE';
    const link = this.#leave(options.localAddress, options.family);
    if (link === undefined || this.wayless.has(link.address)) return 'ENETUNREACH';
    const from = { host: link.address, port };
    if (isMulticast(to.host)) {
      this.#spread(link, from, to, data);
      return false;
    }
    const arrival = link.passing ? this.#router.route('udp', from, to) : undefined;
    const farLink = arrival?.host.link(arrival.to.host);
    if (arrival === undefined || farLink === undefined) {
      link.sent += data.length;
      return true;
    }
    return carry(this.#fabric, link, farLink, data, (bytes) =>
      arrival.host.#sockets.deliver(arrival.to, options.family, bytes, arrival.from),
    );
  }

  /** Sends a datagram to a group, which all hosts on the same segment get, this one too. */
  #spread(link: Link, from: Endpoint, group: Endpoint, data: Uint8Array): void {
    for (const host of this.#fabric.hosts) {
      for (const farLink of host.#links.values()) {
        const near = farLink === link || (link.segment !== undefined && farLink.segment === link.segment);
        if (!near || farLink.family !== link.family) continue;
        carry(this.#fabric, link, farLink, data, (bytes) =>
          host.#sockets.deliverToGroup(group, farLink.address, bytes, from),
        );
      }
    }
  }

  /** Somebody dials one of this host's addresses. */
  #answer(
    local: Endpoint,
    remote: Endpoint,
    link: Link,
    farLink: Link,
  ): { connection: SimConnection; start: () => void } | undefined {
    const listening = this.#listening.get(`${local.host} ${local.port}`) ?? this.#listening.get(`* ${local.port}`);
    if (!listening) return undefined;
    const ends = { local, remote, outgoing: false, link, farLink };
    const connection = new SimConnection(this.#fabric.clock, ends, (ended) => this.#connections.delete(ended));
    this.#connections.add(connection);
    const start = (): void => {
      connection.handler = listening.accept(connection);
      if (!connection.handler) return connection.destroy();
      connection.open(listening.options.silenceTimeout, listening.options.stuckTimeout);
    };
    return { connection, start };
  }

  /** The line by which something leaves; undefined where there is none. */
  #leave(localAddress: string | undefined, family: 4 | 6): Link | undefined {
    for (const link of this.#links.values()) {
      if (!link.present || link.family !== family) continue;
      if (localAddress === undefined || localAddress === link.address) return link;
    }
    return undefined;
  }

  #freePort(): number {
    return this.#port++;
  }
}
