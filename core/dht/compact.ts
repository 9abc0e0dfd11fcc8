import { readU16, writeU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import { familyOf, formatIp, isUnicast, networkOf, parseIp } from '../base/ip.ts';
import type { Family } from './contract.ts';
import { ID_BYTES, type NodeId } from './node-id.ts';

/** A node as others tell it. */
export interface Contact {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
}

/** Most nodes that are taken from one answer: eight are usual, and a liar shall not fill a look-up alone. */
const MAX_NODES_IN_ANSWER = 16;

export const addressBytes = (family: Family): 4 | 16 => (family === 4 ? 4 : 16);

/** The neighbourhood of an address, of which only one counts where strangers could bring many: its /24, for IPv6 its /64. */
export function subnetOf(host: string): string {
  return host.includes(':') ? networkOf(host) : host.slice(0, host.lastIndexOf('.'));
}

/** Address and port in 6 or 18 bytes; undefined where `host` is no address. */
export function compactEndpoint(host: string, port: number): Uint8Array | undefined {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  const out = new Uint8Array(ip.length + 2);
  out.set(ip);
  writeU16(out, ip.length, port);
  return out;
}

/** Compact node infos of these nodes (BEP 5: 26 bytes each; BEP 32: 38). */
export function compactNodes(contacts: readonly Contact[], family: Family): Uint8Array {
  const size = ID_BYTES + addressBytes(family) + 2;
  const out = new Uint8Array(contacts.length * size);
  let at = 0;
  for (const { id, host, port } of contacts) {
    const endpoint = compactEndpoint(host, port);
    if (endpoint === undefined) continue;
    out.set(id, at);
    out.set(endpoint, at + ID_BYTES);
    at += size;
  }
  return out.subarray(0, at);
}

/**
 * Reads addresses that a stranger gives. Nobody in the internet may name places of a private network, a link or this machine: only
 * who is in there itself.
 */
function readEndpoint(data: Uint8Array, at: number, family: Family, teller: string): Endpoint | undefined {
  const bytes = addressBytes(family);
  const port = readU16(data, at + bytes);
  const ip = data.subarray(at, at + bytes);
  if (port === 0 || !isUnicast(ip)) return undefined;
  const host = formatIp(ip);
  const scope = scopeOf(host);
  if (scope === undefined || (scope !== 'global' && !isWithin(scope, scopeOf(teller) ?? 'global'))) return undefined;
  // An IPv4 address in IPv6 form belongs to the other DHT.
  return familyOf(host) === family ? { host, port } : undefined;
}

/** The nodes of an answer that `teller` gave; what is cut off or cannot be is left out. */
export function readNodes(data: Uint8Array, family: Family, teller: string): Contact[] {
  const size = ID_BYTES + addressBytes(family) + 2;
  const out: Contact[] = [];
  for (let at = 0; at + size <= data.length && out.length < MAX_NODES_IN_ANSWER; at += size) {
    const endpoint = readEndpoint(data, at + ID_BYTES, family, teller);
    if (endpoint) out.push({ id: data.slice(at, at + ID_BYTES) as NodeId, ...endpoint });
  }
  return out;
}

/** The peers of an answer: each a string of its own (BEP 5), or, from old nodes, all in one. */
export function readValues(values: readonly Uint8Array[], family: Family, teller: string): Endpoint[] {
  const size = addressBytes(family) + 2;
  const out: Endpoint[] = [];
  for (const value of values) {
    if (value.length % size !== 0 || (value.length > size && values.length > 1)) continue;
    for (let at = 0; at < value.length; at += size) {
      const endpoint = readEndpoint(value, at, family, teller);
      if (endpoint) out.push(endpoint);
    }
  }
  return out;
}
