/** A host and TCP or UDP port. `host` is an IPv4 or IPv6 literal without brackets, or a name where one may stand. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `1.2.3.4:6881` or `[2001:db8::1]:6881`; also the key of an endpoint in maps. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** The reverse of `formatEndpoint`; undefined where the text is no `host:port` with a port from 1 to 65535. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:\s/]+)):(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const host = match[1] ?? match[2];
  const port = Number(match[3]);
  if (host === undefined || port < 1 || port > 65535) return undefined;
  return { host, port };
}

/** The port of those whom nobody can dial, such as who is behind a proxy: trackers and clients do not take 0. */
export const NO_PORT = 1;
