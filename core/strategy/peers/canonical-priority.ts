import { concatBytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { Endpoint } from '../../base/endpoint.ts';
import { canonicalIp, parseIp } from '../../base/ip.ts';

/** Bytes of an address that always count in full: a /16 of IPv4, a /48 of IPv6. */
const WHOLE = { 4: 2, 16: 6 } as const;
/** Of every further byte half the bits count. */
const HALF = 0x55;

/**
 * The canonical priority of the connection between two peers (BEP 40), the same seen from both: a 32-bit number, the higher the
 * sooner it is made and the later it is ended. Whoever has many addresses close together has few high ones. Undefined where the
 * two are of different families, or no IP literals.
 */
export function canonicalPriority(one: Endpoint, other: Endpoint): number | undefined {
  const a = plain(one.host);
  const b = plain(other.host);
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  const differs = a.findIndex((byte, i) => byte !== b[i]);
  if (differs < 0) return sumOf(portBytes(one.port), portBytes(other.port));
  const whole = Math.max(WHOLE[a.length as 4 | 16], differs + 1);
  const masked = (ip: Uint8Array): Uint8Array => ip.map((byte, i) => (i < whole ? byte : byte & HALF));
  return sumOf(masked(a), masked(b));
}

/** An IPv4 address in IPv6 form counts as IPv4. */
function plain(host: string): Uint8Array | undefined {
  const text = canonicalIp(host);
  return text === undefined ? undefined : parseIp(text);
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >>> 8, port & 0xff);
}

function sumOf(a: Uint8Array, b: Uint8Array): number {
  return crc32c(isBefore(b, a) ? concatBytes(b, a) : concatBytes(a, b));
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
