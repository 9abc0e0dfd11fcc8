import { type Endpoint, NO_PORT } from '../base/endpoint.ts';
import { canonicalIp } from '../base/ip.ts';
import type { ProxyPlace } from '../base/proxy-url.ts';
import { standsForName } from '../base/stand-in.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from '../ports/datagram.ts';
import type { Http, HttpPost, HttpRequest, HttpResponse } from '../ports/http.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  Net,
  ResolvedAddress,
  ViaProxy,
} from '../ports/net.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { Association } from './association.ts';
import { HttpConnectTalk } from './http-connect.ts';
import { ProxyNames } from './names.ts';
import type { LinkPorts, ProxyLink } from './proxy-link.ts';
import { Socks5Talk } from './socks5.ts';

/** The network through a proxy alone, whichever local address is named: nothing passes beside it, and no name is looked up here. */
export class ProxiedNet implements Net {
  readonly #ports: LinkPorts;
  readonly #link: ProxyLink;
  readonly #names = new ProxyNames();

  constructor(ports: LinkPorts, link: ProxyLink) {
    this.#ports = ports;
    this.#link = link;
  }

  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const host = this.#names.told(options.remote.host);
    // Of a name that is not known any more the proxy is told what cannot be: it refuses.
    const target = { host: host ?? 'invalid', port: options.remote.port };
    const { localAddress: _, ...rest } = options;
    const { localAddress } = this.#link;
    return this.#ports.net.dial(
      { ...rest, ...(localAddress !== undefined && { localAddress }), via: viaOf(this.#link.place, target) },
      watched(this.#link, handler),
    );
  }

  /** Nobody can dial us: the listener hears of nothing. */
  listen(): Promise<Listener> {
    return Promise.resolve({
      local: { host: this.#link.address, port: NO_PORT },
      standing: 0,
      close: () => Promise.resolve(),
    });
  }

  async datagram(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket> {
    // A group is of the local network, which is not this one.
    if (options.multicast !== undefined) throw this.#cannot();
    if (this.#link.noUdp) {
      this.#link.sayNoUdp();
      throw this.#cannot();
    }
    return Association.open(
      { ports: this.#ports, link: this.#link, names: this.#names, family: options.family },
      handler,
    );
  }

  resolve(host: string): Promise<readonly ResolvedAddress[]> {
    const ip = canonicalIp(host);
    const unknown = standsForName(host) || /(?:^|\.)localhost\.?$/i.test(host) || host === '';
    if (unknown) return Promise.reject(networkError(`resolve ${host.slice(0, 255)}`, systemError('ENOTFOUND')));
    const address = ip ?? this.#names.standInFor(host.slice(0, 255));
    return Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
  }

  ownNameServers(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** Whether the proxy is there says its link. */
  leadsOut(): Promise<boolean> {
    return Promise.resolve(true);
  }

  #cannot(): Error {
    return networkError(`send UDP through ${this.#link.shown}`, systemError('EOPNOTSUPP'));
  }
}

/** HTTP through a proxy alone. */
export class ProxiedHttp implements Http {
  readonly #ports: LinkPorts;
  readonly #link: ProxyLink;

  constructor(ports: LinkPorts, link: ProxyLink) {
    this.#ports = ports;
    this.#link = link;
  }

  get(request: HttpRequest): Promise<HttpResponse> {
    return this.#watched(this.#ports.http.get(this.#by(request)));
  }

  post(request: HttpPost): Promise<HttpResponse> {
    return this.#watched(this.#ports.http.post({ ...this.#by(request), body: request.body }));
  }

  #by(request: HttpRequest): HttpRequest {
    return requestBy(request, this.#link.place, this.#link.localAddress);
  }

  async #watched(work: Promise<HttpResponse>): Promise<HttpResponse> {
    try {
      const response = await work;
      this.#link.works();
      return response;
    } catch (error) {
      const cause: unknown = error instanceof Error ? error.cause : undefined;
      if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') {
        this.#link.failed({ kind: 'error', code: cause.code });
      }
      throw error;
    }
  }
}

/** HTTP through a proxy alone, which is reached from each request's own local address; whether it is there nobody watches. */
export function httpBy(http: Http, place: ProxyPlace): Http {
  return {
    get: (request) => http.get(requestBy(request, place, request.localAddress)),
    post: (request) => http.post({ ...requestBy(request, place, request.localAddress), body: request.body }),
  };
}

function requestBy(request: HttpRequest, place: ProxyPlace, localAddress: string | undefined): HttpRequest {
  const { localAddress: _, family: __, ...rest } = request;
  return {
    ...rest,
    ...(localAddress !== undefined && { localAddress }),
    via: (server) => viaOf(place, server),
  };
}

function viaOf(place: ProxyPlace, target: Endpoint): ViaProxy {
  const { host, port } = place;
  const talk = place.kind === 'socks5' ? new Socks5Talk(place, 'connect', target) : new HttpConnectTalk(place, target);
  return { proxy: { host, port }, talk };
}

/** Tells the link how it fares, until the connection stands. */
function watched(link: ProxyLink, handler: ConnectionHandler): ConnectionHandler {
  return {
    connected: (connection) => {
      link.works();
      connection.handOver(handler);
      handler.connected?.(connection);
    },
    data: (connection, data) => handler.data(connection, data),
    drained: (connection) => handler.drained?.(connection),
    closed: (connection, reason) => {
      link.failed(reason);
      handler.closed(connection, reason);
    },
  };
}
