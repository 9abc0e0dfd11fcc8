import { readU16, writeU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatIp, parseIp } from '../base/ip.ts';

// How SOCKS5 writes an address and a port (RFC 1928, 5): a byte for the kind, the address or a name with its length, the port.

const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** A place as SOCKS5 writes it; a name of more than 255 bytes is cut, and then unknown to everybody. */
export function encodePlace({ host, port }: Endpoint): Uint8Array {
  const ip = parseIp(host);
  const address = ip ?? new TextEncoder().encode(host).subarray(0, 255);
  const head = ip === undefined ? [NAME, address.length] : [ip.length === 4 ? IPV4 : IPV6];
  const out = new Uint8Array(head.length + address.length + 2);
  out.set(head);
  out.set(address, head.length);
  writeU16(out, out.length - 2, port);
  return out;
}

/** Bytes that a place takes that begins at `at`; undefined where its end has not come; 0: it is none. */
export function placeLength(data: Uint8Array, at: number): number | undefined {
  switch (data[at]) {
    case undefined:
      return undefined;
    case IPV4:
      return 7;
    case IPV6:
      return 19;
    case NAME: {
      const length = data[at + 1];
      return length === undefined ? undefined : 4 + length;
    }
    default:
      return 0;
  }
}

/** The place that begins at `at`, of which `placeLength` has said that all is there. */
export function decodePlace(data: Uint8Array, at: number): Endpoint {
  const end = at + (placeLength(data, at) ?? 0);
  const port = readU16(data, end - 2);
  if (data[at] === NAME) return { host: String.fromCharCode(...data.subarray(at + 2, end - 2)).toLowerCase(), port };
  return { host: formatIp(data.subarray(at + 1, end - 2)), port };
}
