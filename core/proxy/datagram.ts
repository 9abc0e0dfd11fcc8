import type { Endpoint } from '../base/endpoint.ts';
import { decodePlace, encodePlace, placeLength } from './address.ts';

/** What precedes the place: two bytes that are reserved, and the number of a fragment. */
const BEFORE = 3;

/** Bytes before each datagram to an address of this family; names take more. */
export const datagramOverhead = (family: 4 | 6): number => (family === 4 ? 10 : 22);

/** A datagram as a SOCKS5 proxy takes it (RFC 1928, 7). */
export function wrapDatagram(to: Endpoint, data: Uint8Array): Uint8Array {
  const place = encodePlace(to);
  const out = new Uint8Array(BEFORE + place.length + data.length);
  out.set(place, BEFORE);
  out.set(data, BEFORE + place.length);
  return out;
}

/** Who sent what came from the proxy; undefined for fragments, which no proxy is known to send, and for nonsense. */
export function unwrapDatagram(packet: Uint8Array): { readonly from: Endpoint; readonly data: Uint8Array } | undefined {
  if (packet.length < BEFORE + 1 || packet[2] !== 0) return undefined;
  const length = placeLength(packet, BEFORE);
  if (length === undefined || length === 0 || packet.length < BEFORE + length) return undefined;
  return { from: decodePlace(packet, BEFORE), data: packet.subarray(BEFORE + length) };
}
