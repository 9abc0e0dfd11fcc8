// UPnP's discovery (SSDP, UPnP Device Architecture 1.1): HTTP-like headers in datagrams.

export const SSDP_PORT = 1900;
export const SSDP_GROUP: Readonly<Record<4 | 6, string>> = { 4: '239.255.255.250', 6: 'ff02::c' };
const MOST_BYTES = 4_096;
const MOST_LINES = 64;
const MOST_LOCATION = 512;

/** What is looked for: the two versions of gateways, then anything, as some routers answer to nothing else. */
export const SEARCH_TARGETS = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'upnp:rootdevice',
] as const;

/** A device that answered a search, or told of itself (`NOTIFY`). */
export interface SsdpDevice {
  /** Where its description is: an HTTP URL. Not checked yet. */
  readonly location: string;
  /** What it says it is (`ST` or `NT`). */
  readonly target: string;
  /** It told of itself without being asked. */
  readonly notified: boolean;
}

/** `mx`: within how many seconds devices may spread their answers. */
export function encodeSearch(target: string, family: 4 | 6, mx: number): Uint8Array {
  const host = family === 6 ? `[${SSDP_GROUP[6]}]` : SSDP_GROUP[4];
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${host}:${SSDP_PORT}`,
    'MAN: "ssdp:discover"',
    `MX: ${mx}`,
    `ST: ${target}`,
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Undefined for what is no answer or notification of a device that is there. */
export function readSsdp(data: Uint8Array): SsdpDevice | undefined {
  if (data.length > MOST_BYTES) return undefined;
  const [first = '', ...lines] = new TextDecoder().decode(data).split(/\r?\n/, MOST_LINES);
  const notified = /^NOTIFY \* HTTP\/1\.[01]$/.test(first);
  if (!notified && !/^HTTP\/1\.[01] 200(?: |$)/.test(first)) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const location = fields.get('location');
  const target = fields.get(notified ? 'nt' : 'st');
  if (location === undefined || target === undefined || location.length > MOST_LOCATION) return undefined;
  if (notified && fields.get('nts') !== 'ssdp:alive') return undefined;
  return { location, target: target.slice(0, 200), notified };
}
