import { readU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatIp, isUnicast, parseIp } from '../base/ip.ts';
import type { BencodeValue } from '../bencode/bencode.ts';
import { isDict } from '../bencode/bencode.ts';

/** Most peers that are taken from one answer; the rest is ignored. */
export const MAX_PEERS_IN_ANSWER = 2000;
/** Most of these that may bear a name instead of an address: each is a question to a name server. */
const MAX_NAMED = 8;

const utf8 = new TextDecoder();

/**
 * An endpoint that may be dialled, its host in canonical form; undefined for port 0, names, and addresses that belong to no single
 * host.
 */
export function dialable(host: string, port: number): Endpoint | undefined {
  if (!isPort(port)) return undefined;
  const ip = parseIp(host);
  return ip && isUnicast(ip) ? { host: formatIp(ip), port } : undefined;
}

/** An address of 4 or 16 bytes, or as text, in canonical form; undefined where it is none of a single host. */
export function readAddress(value: BencodeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  const ip = value.length === 4 || value.length === 16 ? value : parseIp(hostText(value));
  return ip && isUnicast(ip) ? formatIp(ip) : undefined;
}

/** The peers of one answer. What cannot be dialled, and bytes that are no whole entry, are left out. */
export class PeerList {
  readonly peers: Endpoint[] = [];
  readonly named: Endpoint[] = [];

  /** A compact list (BEP 23; with 16 address bytes BEP 7). */
  addCompact(data: Uint8Array, addressBytes: 4 | 16): void {
    const entry = addressBytes + 2;
    for (let at = 0; at + entry <= data.length && this.peers.length < MAX_PEERS_IN_ANSWER; at += entry) {
      const ip = data.subarray(at, at + addressBytes);
      const port = readU16(data, at + addressBytes);
      if (port !== 0 && isUnicast(ip)) this.peers.push({ host: formatIp(ip), port });
    }
  }

  /** The dictionary form (BEP 3), whose addresses may be names. */
  addDicts(list: readonly BencodeValue[]): void {
    for (const entry of list) {
      if (this.peers.length >= MAX_PEERS_IN_ANSWER) return;
      if (!isDict(entry)) continue;
      const { ip } = entry;
      const port = entry['port'] instanceof Uint8Array ? portText(entry['port']) : Number(entry['port']);
      if (!(ip instanceof Uint8Array) || !isPort(port)) continue;
      const host = hostText(ip);
      const endpoint = dialable(host, port);
      if (endpoint) this.peers.push(endpoint);
      else if (isName(host) && this.named.length < MAX_NAMED) this.named.push({ host, port });
    }
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

function portText(data: Uint8Array): number {
  return /^\d{1,5}$/.test(utf8.decode(data.subarray(0, 6))) ? Number(utf8.decode(data)) : 0;
}

/** Lower case, without the brackets that some put around IPv6 addresses; empty where it is too long for a host. */
function hostText(data: Uint8Array): string {
  if (data.length > 255) return '';
  return utf8
    .decode(data)
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1');
}

/** A name that DNS may know. One that ends in digits alone would be read as an address, in whatever form. */
function isName(host: string): boolean {
  return (
    host.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/.test(host)
  );
}
