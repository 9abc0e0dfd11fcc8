import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isWildcard } from '../../core/base/ip.ts';
import { requesterOf } from './address.ts';

export interface SiteOptions {
  /** Name or address that the server was told to listen on. */
  readonly started: string;
  /** It speaks TLS itself. */
  readonly tls: boolean;
  /** Where a reverse proxy serves it, with the path below which it does. */
  readonly publicUrl?: URL | undefined;
  /** Addresses of reverse proxies, whose word on who asks counts. */
  readonly trustedProxies: readonly string[];
}

/** Under which names and paths the UI is served, and who asks. */
export class Site {
  readonly #o: SiteOptions;
  /** Without the slash at its end. */
  readonly #prefix: string;

  constructor(options: SiteOptions) {
    this.#o = options;
    this.#prefix = options.publicUrl?.pathname.replace(/\/+$/, '') ?? '';
  }

  /**
   * Whether we serve under the name of a Host header: `localhost`, the name that we were started with, the public one, or the address that
   * was connected to, but not a name that somebody else's DNS resolves to our address (DNS rebinding).
   */
  isOurs(header: string | undefined, localAddress: string | undefined): boolean {
    return this.#isPublic(header) || isOurHost(header, this.#o.started, localAddress);
  }

  /** Whether an Origin header is the page's own: what a browser sends with every WebSocket, and no page can forge. */
  isOwn(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return false;
    // A proxy may ask by its own name for us; browsers tell the one that they know.
    if (origin.toLowerCase() === this.#o.publicUrl?.origin.toLowerCase()) return true;
    const scheme = this.#o.tls ? 'https' : 'http';
    return host !== undefined && origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`;
  }

  /**
   * Whether a page of another site made a browser send this, also one of another port of this machine. Browsers say so with
   * each request to this machine (Sec-Fetch-Site), with WebSockets, forms and calls (Origin), and mostly else (Referer); a
   * program that is no browser says nothing, nor does a browser of what was typed into its address bar.
   */
  isForeign(headers: IncomingHttpHeaders): boolean {
    const { host, origin, referer } = headers;
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
    if (origin !== undefined) return !this.isOwn(origin, host);
    return referer !== undefined && !this.isOwn(/^\w+:\/\/[^/?#]*/.exec(referer)?.[0], host);
  }

  /** The path of one of our pages, whether a proxy took the public path off or not; `moved`: where the page really is. */
  pathOf(path: string): { readonly path: string } | { readonly moved: string } {
    if (this.#prefix === '' || !path.startsWith(this.#prefix)) return { path };
    const rest = path.slice(this.#prefix.length);
    if (rest === '') return { moved: `${this.#prefix}/` };
    return { path: rest.startsWith('/') ? rest : path };
  }

  /** Below which path a browser sees our pages, and whether it came there by TLS. */
  seenBy(request: IncomingMessage): { readonly base: string; readonly secure: boolean } {
    const { publicUrl, tls } = this.#o;
    const proxied = this.#isPublic(request.headers.host) || this.#isFromProxy(request);
    if (publicUrl === undefined || !proxied) return { base: '/', secure: tls };
    return { base: `${this.#prefix}/`, secure: publicUrl.protocol === 'https:' };
  }

  /** Who made a request, for bounds and counts. */
  requester(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    return requesterOf(request, this.#o.trustedProxies);
  }

  /** What to open in a browser. */
  url(port: number, token: string): string {
    const { publicUrl, started, tls } = this.#o;
    if (publicUrl !== undefined) return `${publicUrl.origin}${this.#prefix}/?token=${token}`;
    const name = isWildcard(started) ? 'localhost' : started.includes(':') ? `[${started}]` : started;
    return `${tls ? 'https' : 'http'}://${name}:${port}/?token=${token}`;
  }

  #isPublic(header: string | undefined): boolean {
    const { publicUrl } = this.#o;
    if (publicUrl === undefined || header === undefined || !/^[\w.:[\]-]+$/.test(header)) return false;
    // A port that is usual for the scheme may be said or not.
    const said = `${publicUrl.protocol}//${header}`;
    return URL.canParse(said) && new URL(said).host === publicUrl.host;
  }

  #isFromProxy({ socket, headers }: IncomingMessage): boolean {
    return (
      headers['x-forwarded-for'] !== undefined &&
      requesterOf({ socket, headers: {} }, []) !== this.requester({ socket, headers })
    );
  }
}

/** Whether we serve under this name without a proxy: see `Site.isOurs`. */
function isOurHost(header: string | undefined, started: string, localAddress: string | undefined): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/.exec(header ?? '');
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  if (name === '') return false;
  if (name === 'localhost' || name === started.toLowerCase()) return true;
  if (isIP(name) === 0) return false;
  // When we listen on all addresses, any address may lead to us (a container's port); no DNS is involved then.
  return isWildcard(started) || name === plain(localAddress);
}

/** An IPv4 address that an IPv6 socket reports. */
function plain(address: string | undefined): string {
  return (address ?? '').toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
