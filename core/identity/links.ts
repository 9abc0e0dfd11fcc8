import { ProxiedHttp, ProxiedNet } from '../proxy/proxied-net.ts';
import { ProxyLink } from '../proxy/proxy-link.ts';
import type { Ports } from '../ports/ports.ts';
import type { DownloadSetup } from './messages.ts';

/** What an identity reaches the world by: the machine's own network, or a proxy alone. */
interface Link {
  readonly ports: Ports;
  /** Undefined: the machine's own. */
  readonly proxy: ProxyLink | undefined;
}

/** The links of a process, each shared by all downloads that use it. */
export class Links {
  readonly #direct: Link;
  readonly #byUrl = new Map<string, Link>();

  constructor(ports: Ports) {
    this.#direct = { ports, proxy: undefined };
  }

  /** Throws EnsembleError where the proxy is none. */
  of({ address, proxy }: Pick<DownloadSetup, 'address' | 'proxy'>): Link {
    if (proxy === undefined || address === undefined) return this.#direct;
    const key = JSON.stringify([proxy, address]);
    let link = this.#byUrl.get(key);
    if (link === undefined) {
      const { ports } = this.#direct;
      const through = new ProxyLink({ ports, url: proxy.url, from: proxy.from, address });
      link = {
        ports: {
          ...ports,
          net: new ProxiedNet(ports, through),
          http: new ProxiedHttp(ports, through),
          interfaces: through,
        },
        proxy: through,
      };
      this.#byUrl.set(key, link);
    }
    return link;
  }
}
