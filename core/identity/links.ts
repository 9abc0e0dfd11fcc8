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

/** A link that somebody uses until he releases it. */
export interface HeldLink extends Link {
  /** Whoever had it does not use it any more; may be called again. */
  release(): void;
}

/** The links of a process, each shared by all who use it. A proxy that nobody uses any more is forgotten, and not looked for. */
export class Links {
  readonly #direct: HeldLink;
  readonly #byUrl = new Map<string, { readonly ports: Ports; readonly proxy: ProxyLink; users: number }>();

  constructor(ports: Ports) {
    this.#direct = { ports, proxy: undefined, release: () => {} };
  }

  /** How many proxies are in use. */
  get proxies(): number {
    return this.#byUrl.size;
  }

  /** Throws EnsembleError where the proxy is none. */
  hold({ address, proxy }: Pick<DownloadSetup, 'address' | 'proxy'>): HeldLink {
    if (proxy === undefined || address === undefined) return this.#direct;
    const key = JSON.stringify([proxy, address]);
    let link = this.#byUrl.get(key);
    if (link === undefined) {
      const { ports } = this.#direct;
      const through = new ProxyLink({ ports, url: proxy.url, from: proxy.from, address });
      link = { ports: portsThrough(ports, through), proxy: through, users: 0 };
      this.#byUrl.set(key, link);
    }
    link.users++;
    const { ports, proxy: through } = link;
    let held = true;
    return {
      ports,
      proxy: through,
      release: () => {
        if (!held) return;
        held = false;
        if (--link.users > 0) return;
        this.#byUrl.delete(key);
        through.close();
      },
    };
  }
}

/** The ports of whoever leaves by this proxy alone. */
export function portsThrough<T extends Pick<Ports, 'net' | 'http' | 'clock' | 'interfaces'>>(
  ports: T,
  link: ProxyLink,
): T & Pick<Ports, 'net' | 'http' | 'interfaces'> {
  return { ...ports, net: new ProxiedNet(ports, link), http: new ProxiedHttp(ports, link), interfaces: link };
}
