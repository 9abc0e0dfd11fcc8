import { parseIp } from './ip.ts';

/** A proxy by which an identity leaves. Names are looked up where the proxy is, whichever kind it is. */
export interface ProxyPlace {
  readonly kind: 'socks5' | 'http';
  /** A name or a literal without brackets. */
  readonly host: string;
  readonly port: number;
  /** For proxies that ask who is there; both together or none. */
  readonly user?: string;
  readonly password?: string;
}

const PORTS: Readonly<Record<string, number>> = { socks5: 1080, http: 8080 };
/** Most bytes of a user name and of a password (RFC 1929). */
const MAX_SECRET = 255;

/** Reads `socks5://user:password@host:port` or `http://...`; `socks5h` is the same as `socks5`. Undefined: it is no such URL. */
export function parseProxyUrl(text: string): ProxyPlace | undefined {
  const match = /^(socks5h?|http):\/\/(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]?#]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  if (match === null || text.length > 1024) return undefined;
  const [, scheme = '', account, hostText = '', portText] = match;
  const kind = scheme.toLowerCase() === 'http' ? 'http' : 'socks5';
  const host = hostText.replace(/^\[(.*)\]$/, '$1');
  const port = Number(portText ?? PORTS[kind]);
  if (port < 1 || port > 65_535 || host.length > 253 || (hostText.startsWith('[') && parseIp(host) === undefined)) {
    return undefined;
  }
  if (account === undefined || account === '') return { kind, host, port };
  const colon = account.indexOf(':');
  const user = decoded(colon < 0 ? account : account.slice(0, colon));
  const password = decoded(colon < 0 ? '' : account.slice(colon + 1));
  if (user === undefined || password === undefined || user === '') return undefined;
  // HTTP's user names cannot hold a colon, and neither may end the line.
  if ((kind === 'http' && user.includes(':')) || [user, password].some(isUnfit)) return undefined;
  return { kind, host, port, user, password };
}

/** The same for people to see: without user name and password. */
export function shownProxy({ kind, host, port }: ProxyPlace): string {
  return `${kind}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function isUnfit(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  return bytes.length > MAX_SECRET || bytes.some((byte) => byte < 32 || byte === 127);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
