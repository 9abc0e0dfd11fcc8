import { readU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatIp, isUnicast, parseIp } from '../base/ip.ts';

/** Most peers that are taken from one answer; the rest is ignored. */
export const MAX_PEERS_IN_ANSWER = 2000;

/**
 * An endpoint that may be dialled, its host in canonical form; undefined for port 0, names, and addresses that belong to no single
 * host.
 */
export function dialable(host: string, port: number): Endpoint | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return undefined;
  const ip = parseIp(host);
  return ip && isUnicast(ip) ? { host: formatIp(ip), port } : undefined;
}

/**
 * Appends the peers of a compact list (BEP 23; with 16 address bytes BEP 7) to `out`, those that cannot be dialled left out.
 * False where the length is no multiple of an entry's.
 */
export function readCompactPeers(data: Uint8Array, addressBytes: 4 | 16, out: Endpoint[]): boolean {
  const entry = addressBytes + 2;
  if (data.length % entry !== 0) return false;
  for (let at = 0; at < data.length && out.length < MAX_PEERS_IN_ANSWER; at += entry) {
    const ip = data.subarray(at, at + addressBytes);
    const port = readU16(data, at + addressBytes);
    if (port !== 0 && isUnicast(ip)) out.push({ host: formatIp(ip), port });
  }
  return true;
}
