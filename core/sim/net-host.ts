import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type {
  CloseReason,
  Connection,
  ConnectionHandler,
  DatagramSocket,
  DialOptions,
  Listener,
  ListenOptions,
  Net,
} from '../ports/net.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Interfaces, LocalAddress } from '../ports/interfaces.ts';
import type { Random } from '../ports/random.ts';
import { millis } from '../base/ids.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { SimConnection } from './net-connection.ts';
import type { Link } from './net-link.ts';
import { familyOf } from './net-link.ts';

/** What all hosts of one simulated network share. */
export interface Fabric {
  readonly clock: Clock;
  readonly random: Random;
  readonly hosts: Map<string, SimHost>;
  readonly names: Map<string, readonly string[]>;
}

interface Listening {
  readonly options: ListenOptions;
  readonly accept: (connection: Connection) => ConnectionHandler | undefined;
}

type Received = (data: Uint8Array, from: Endpoint) => void;

/** One machine on a simulated network: its view of the net, and its addresses. */
export class SimHost implements Net, Interfaces {
  readonly #fabric: Fabric;
  readonly #links: Map<string, Link>;
  /** By `address port`; `*` where all addresses listen. */
  readonly #listening = new Map<string, Listening>();
  readonly #sockets = new Map<string, Received>();
  readonly #connections = new Set<SimConnection>();
  #port = 40_000;

  constructor(fabric: Fabric, links: readonly Link[]) {
    this.#fabric = fabric;
    this.#links = new Map(links.map((link) => [link.address, link]));
  }

  /** The line behind one of its addresses (the first one where undefined), to change as a test goes on. */
  link(address?: string): Link {
    const link = address === undefined ? this.#links.values().next().value : this.#links.get(address);
    if (!link) throw new Error(`this host has no address ${address}`);
    return link;
  }

  /** Connections that stand or are being made. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Breaks all its connections, at both ends. */
  breakConnections(code: string = 'ECONNRESET'): void {
    for (const connection of this.#connections) connection.reset(code);
  }

  list(): readonly LocalAddress[] {
    return [...this.#links.values()]
      .filter((link) => link.present)
      .map((link, i) => ({ interfaceName: `sim${i}`, address: link.address, family: link.family, internal: false }));
  }

  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const { clock } = this.#fabric;
    const { remote } = options;
    const link = this.#leave(options.localAddress, familyOf(remote.host));
    const far = this.#fabric.hosts.get(remote.host);
    const farLink = far?.link(remote.host);
    const local = { host: link?.address ?? options.localAddress ?? '', port: this.#freePort() };
    const anyLink = link ?? this.link();
    const connection = new SimConnection(
      clock,
      { local, remote, outgoing: true, link: anyLink, farLink: farLink ?? anyLink },
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
    const giveUp = failIn(options.connectTimeout, { kind: 'timeout', what: 'connect' });
    if (!far || !farLink) return connection;
    const latency = millis(link.latency + farLink.latency);
    clock.after(latency, () => {
      if (!link.passing || !farLink.passing || !this.#connections.has(connection)) return;
      const accepted = far.#answer(remote, local, farLink, link);
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

  datagram(
    options: { readonly localAddress?: string; readonly family: 4 | 6 },
    received: Received,
  ): Promise<DatagramSocket> {
    const any = options.family === 6 ? '::' : '0.0.0.0';
    const local = { host: options.localAddress ?? any, port: this.#freePort() };
    const leave = (): Link | undefined => this.#leave(options.localAddress, options.family);
    if (options.localAddress !== undefined && !leave()) {
      return Promise.reject(networkError(`open a UDP socket on ${options.localAddress}`, systemError('EADDRNOTAVAIL')));
    }
    const key = `${options.localAddress ?? '*'} ${local.port}`;
    this.#sockets.set(key, received);
    return Promise.resolve({
      local,
      send: (data, remote) => {
        const link = leave();
        const refuse = (code: string): Promise<never> =>
          Promise.reject(networkError(`send to ${formatEndpoint(remote)}`, systemError(code)));
        if (!this.#sockets.has(key)) return refuse('EBADF');
        if (!link || link.family !== familyOf(remote.host)) return refuse('ENETUNREACH');
        if (data.length > 65_507) return refuse('EMSGSIZE');
        this.#throw(link, { host: link.address, port: local.port }, remote, data.slice());
        return Promise.resolve();
      },
      close: () => this.#sockets.delete(key),
    });
  }

  resolve(host: string): Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]> {
    const literal = /^[0-9.]+$/.test(host) || host.includes(':');
    const addresses = literal ? [host] : this.#fabric.names.get(host);
    if (!addresses) return Promise.reject(networkError(`resolve ${host}`, systemError('ENOTFOUND')));
    return Promise.resolve(addresses.map((address) => ({ address, family: familyOf(address) })));
  }

  /** A datagram on its way; it may be lost at either end. */
  #throw(link: Link, from: Endpoint, to: Endpoint, data: Uint8Array): void {
    const { clock, random, hosts } = this.#fabric;
    link.sent += data.length;
    const far = hosts.get(to.host);
    const farLink = far?.link(to.host);
    if (!far || !farLink || !link.passing) return;
    if (random.uniform() < link.loss || random.uniform() < farLink.loss) return;
    clock.after(millis(link.up.book(data.length) + link.latency + farLink.latency), () => {
      if (!farLink.passing) return;
      const socket = far.#sockets.get(`${to.host} ${to.port}`) ?? far.#sockets.get(`* ${to.port}`);
      clock.after(millis(farLink.down.book(data.length)), () => socket?.(data, from));
    });
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

  /** The line that something leaves by; undefined where there is none. */
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
