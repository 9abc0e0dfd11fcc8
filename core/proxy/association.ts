import { type Endpoint, formatEndpoint, NO_PORT } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { canonicalIp, familyOf, isWildcard } from '../base/ip.ts';
import { linkStandIn6, standsForName } from '../base/stand-in.ts';
import { keepNewest } from '../base/keep-newest.ts';
import type { Timer } from '../ports/clock.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import type { CloseReason, Connection } from '../ports/net.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { datagramOverhead, unwrapDatagram, wrapDatagram } from './datagram.ts';
import type { ProxyNames } from './names.ts';
import type { LinkPorts, ProxyLink } from './proxy-link.ts';
import { Socks5Talk } from './socks5.ts';

const CONNECT_TIMEOUT = millis(15_000);
/** Longer than any session: the proxy says nothing on this connection as long as all is well. */
const FOR_EVER = millis(365 * 86_400_000);
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** What the proxy is told of our end: it may see us at another address, and takes the first datagram for the right one. */
const ANYWHERE: Endpoint = { host: '0.0.0.0', port: 0 };
/** How long an answer to what was sent to a name may come from an address. */
const NAME_HOLDS = 60_000;
const MOST_NAMES = 64;
const MOST_ADDRESSED = 1024;

export interface AssociationOptions {
  readonly ports: LinkPorts;
  readonly link: ProxyLink;
  readonly names: ProxyNames;
  /** Of those who are written to, and who are heard; names count as IPv4. */
  readonly family: 4 | 6;
}

/** Where a name was written to last, and when. */
interface Named {
  readonly standIn: string;
  readonly port: number;
  since: number;
}

/** What stands between us and the proxy: the connection that holds the association, and the socket for its datagrams. */
interface Standing {
  readonly control: Connection;
  readonly socket: DatagramSocket;
  readonly relay: Endpoint;
}

/**
 * UDP through a SOCKS5 proxy (UDP ASSOCIATE). It lasts as long as its connection with the proxy; where that ends, nothing is sent
 * until there is another. A datagram costs a copy, as the place that it goes to stands before it.
 */
export class Association implements DatagramSocket {
  readonly local: Endpoint;
  readonly overhead: number;
  readonly #o: AssociationOptions;
  readonly #handler: DatagramHandler;
  readonly #named = new Map<string, Named>();
  /** Addresses on ports of such names to which something was sent by address. */
  readonly #addressed = new Set<string>();
  #standing: Standing | undefined;
  #control: Connection | undefined;
  #closed = false;
  #wait = FIRST_WAIT;
  #timer: Timer | undefined;

  /** Rejects with EnsembleError('network'): EOPNOTSUPP where the proxy carries no UDP. */
  static async open(options: AssociationOptions, handler: DatagramHandler): Promise<Association> {
    const association = new Association(options, handler);
    await association.#stand();
    return association;
  }

  private constructor(options: AssociationOptions, handler: DatagramHandler) {
    this.#o = options;
    this.#handler = handler;
    const { link, family } = options;
    this.local = { host: (family === 6 ? linkStandIn6(link.address) : undefined) ?? link.address, port: NO_PORT };
    this.overhead = datagramOverhead(family);
  }

  send(data: Uint8Array, host: string, port: number): boolean {
    const standing = this.#standing;
    if (standing === undefined || !(port >= 1 && port <= 65_535)) return true;
    const told = this.#o.names.told(host);
    if (told === undefined) return true;
    this.#remember(host, port);
    standing.socket.send(wrapDatagram({ host: told, port }, data), standing.relay.host, standing.relay.port);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#standing?.socket.close();
    this.#standing = undefined;
    this.#control?.destroy();
  }

  /** Asks the proxy for an association. */
  async #stand(): Promise<void> {
    const { link, ports } = this.#o;
    const { localAddress } = link;
    const [found] = await ports.net.resolve(link.place.host, localAddress);
    if (this.#closed) throw this.#gone();
    const proxy = { host: found?.address ?? link.place.host, port: link.place.port };
    const talk = new Socks5Talk(link.place, 'associate', ANYWHERE);
    const control = await this.#dial(proxy, talk, localAddress);
    const bound = talk.bound ?? proxy;
    // Proxies that listen on all addresses name none.
    const relay =
      isWildcard(bound.host) || canonicalIp(bound.host) === undefined ? { ...bound, host: proxy.host } : bound;
    const family = familyOf(relay.host);
    const near = canonicalIp(control.local.host);
    const from = near !== undefined && familyOf(near) === family ? near : localAddress;
    try {
      const socket = await ports.net.datagram(
        { family, ...(from !== undefined && { localAddress: from }) },
        { received: (data, host, port) => this.#received(data, host, port) },
      );
      if (this.#closed || this.#control !== control) {
        socket.close();
        throw this.#gone();
      }
      this.#standing = { control, socket, relay };
      this.#wait = FIRST_WAIT;
    } catch (error) {
      control.destroy();
      throw error;
    }
  }

  #dial(proxy: Endpoint, talk: Socks5Talk, localAddress: string | undefined): Promise<Connection> {
    const { link, ports } = this.#o;
    return new Promise((resolve, reject) => {
      let stood = false;
      this.#control = ports.net.dial(
        {
          remote: proxy,
          via: { proxy, talk },
          ...(localAddress !== undefined && { localAddress }),
          connectTimeout: CONNECT_TIMEOUT,
          silenceTimeout: FOR_EVER,
          stuckTimeout: FOR_EVER,
        },
        {
          connected: (connection) => {
            stood = true;
            link.works();
            resolve(connection);
          },
          // Nothing is to come; what comes is not looked at.
          data: () => {},
          closed: (connection, reason) => {
            if (stood) return this.#ended(connection);
            // What we ended ourselves says nothing about the proxy.
            if (this.#closed) return reject(this.#gone());
            link.failed(reason);
            const code = codeOf(reason, talk.asked);
            if (code !== 'EPROXY' && code !== 'EPROXYAUTH') {
              link.refusedUdp();
              link.sayNoUdp();
            }
            reject(networkError(`send UDP through ${link.shown}`, systemError(code)));
          },
        },
      );
    });
  }

  /** The connection that held the association is over, and with it the association. */
  #ended(control: Connection): void {
    if (this.#control === control) this.#control = undefined;
    // Before it stands, whoever waits for that is told, and asks again or not.
    if (this.#standing?.control !== control) return;
    this.#standing.socket.close();
    this.#standing = undefined;
    this.#again();
  }

  #gone(): Error {
    return networkError(`send UDP through ${this.#o.link.shown}`, systemError('EPROXY'));
  }

  #again(): void {
    const { link, ports } = this.#o;
    if (this.#closed) return;
    this.#timer = ports.clock.after(millis(this.#wait), () => {
      this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
      // Whoever is bound to the link closes this while the proxy is gone.
      if (link.gone || link.noUdp) this.#again();
      else this.#stand().catch(() => this.#again());
    });
  }

  #received(packet: Uint8Array, host: string, port: number): void {
    const { relay } = this.#standing ?? {};
    if (relay?.port !== port || relay.host !== host) return;
    const unwrapped = unwrapDatagram(packet);
    if (unwrapped === undefined) return;
    const { from, data } = unwrapped;
    for (const sender of this.#sendersOf(from)) {
      if (familyOf(sender) === this.#o.family) this.#handler.received(data, sender, from.port);
    }
  }

  /** As whom the sender is known above: answers of who was written to by name come from an address that nobody has heard of. */
  #sendersOf(from: Endpoint): readonly string[] {
    if (canonicalIp(from.host) === undefined) return [this.#o.names.standInFor(from.host)];
    if (this.#named.size === 0 || this.#addressed.has(formatEndpoint(from))) return [from.host];
    const now = this.#o.ports.clock.now();
    const names = [...this.#named.values()].filter(({ port, since }) => port === from.port && now - since < NAME_HOLDS);
    return names.length === 0 ? [from.host] : names.map(({ standIn }) => standIn);
  }

  #remember(host: string, port: number): void {
    if (standsForName(host)) {
      const key = formatEndpoint({ host, port });
      this.#named.delete(key);
      this.#named.set(key, { standIn: host, port, since: this.#o.ports.clock.now() });
      keepNewest(this.#named, MOST_NAMES);
    } else if (this.#named.size > 0 && [...this.#named.values()].some((named) => named.port === port)) {
      this.#addressed.add(formatEndpoint({ host, port }));
      keepNewest(this.#addressed, MOST_ADDRESSED);
    }
  }
}

/** What `failed` of a dial means for the proxy: one that is silent when asked for an association knows of none. */
function codeOf(reason: CloseReason, asked: boolean): string {
  if (reason.kind === 'error') return reason.code;
  return asked ? 'EOPNOTSUPP' : 'EPROXY';
}
