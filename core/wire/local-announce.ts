import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';

/** The groups of local service discovery (BEP 14), by family. */
export const LOCAL_GROUPS: Readonly<Record<4 | 6, Endpoint>> = {
  4: { host: '239.192.152.143', port: 6771 },
  6: { host: 'ff15::efc0:988f', port: 6771 },
};

/** Somebody in the same network takes part in these torrents. */
export interface LocalAnnounce {
  /** Where it listens, at the address that the datagram came from. */
  readonly port: number;
  /** As in handshakes, 40 hex digits in lower case. */
  readonly infoHashes: readonly InfoHash[];
  /** By it a sender knows its own datagrams. */
  readonly cookie: string | undefined;
}

const FIRST_LINE = 'BT-SEARCH * HTTP/1.1';
/** Larger datagrams would be cut in pieces on their way (BEP 14), so that nobody sends them. */
const MOST_BYTES = 1500;
const MOST_LINES = 100;
const MOST_HASHES = 25;
const MOST_COOKIE = 100;

/** An announce of one torrent: several clients read no more than the first hash. `infoHash`: as in handshakes. */
export function encodeLocalAnnounce(family: 4 | 6, port: number, infoHash: InfoHash, cookie: string): Uint8Array {
  const { host, port: groupPort } = LOCAL_GROUPS[family];
  const lines = [
    FIRST_LINE,
    `Host: ${family === 6 ? `[${host}]` : host}:${groupPort}`,
    `Port: ${port}`,
    `Infohash: ${infoHash}`,
    `cookie: ${cookie}`,
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n\r\n`);
}

/** Reads a datagram to the group; undefined for whatever is no announce. Lines that are not known are passed over. */
export function decodeLocalAnnounce(data: Uint8Array): LocalAnnounce | undefined {
  if (data.length > MOST_BYTES) return undefined;
  const [first, ...lines] = new TextDecoder('latin1').decode(data).split(/\r?\n/, MOST_LINES);
  if (first !== FIRST_LINE) return undefined;
  let port: number | undefined;
  let cookie: string | undefined;
  const infoHashes = new Set<InfoHash>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'port' && /^\d{1,5}$/.test(value)) port ??= Number(value);
    else if (name === 'cookie' && value.length <= MOST_COOKIE) cookie ??= value;
    else if (name === 'infohash' && /^[0-9a-f]{40}$/i.test(value) && infoHashes.size < MOST_HASHES) {
      infoHashes.add(value.toLowerCase() as InfoHash);
    }
  }
  if (port === undefined || port < 1 || port > 65_535 || infoHashes.size === 0) return undefined;
  return { port, infoHashes: [...infoHashes], cookie };
}
