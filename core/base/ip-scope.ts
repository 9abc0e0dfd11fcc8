import { parseIp } from './ip.ts';
import { isInnerName, NAMED_OUTSIDE } from './stand-in.ts';

/** How far inside an address lies: in the whole internet, a private network, one link (cloud hosts keep secrets there), this machine. */
export type Scope = 'global' | 'private' | 'link' | 'loopback';

const DEPTH: Readonly<Record<Scope, number>> = { global: 0, private: 1, link: 2, loopback: 3 };

/** Whether `scope` lies no further in than `innermost`. */
export function isWithin(scope: Scope, innermost: Scope): boolean {
  return DEPTH[scope] <= DEPTH[innermost];
}

/** The scope of an address; undefined for what is no IP literal, or bears a zone. */
export function scopeOf(text: string): Scope | undefined {
  const ip = parseIp(text);
  return ip && (ip.length === 4 ? scopeOf4(ip) : scopeOf6(ip));
}

/** The scope of a server that a proxy connects us with, of which the name, or the address, is all that is known. */
export function scopeByName(host: string): Scope {
  if (/(?:^|\.)localhost\.?$/i.test(host)) return 'loopback';
  return scopeOf(host) ?? (isInnerName(host) ? 'private' : 'global');
}

/** RFC 6890 and its successors. What is neither global nor anyone's network counts as private, so that nobody is sent there. */
function scopeOf4([a = 0, b = 0, c = 0]: Uint8Array): Scope {
  // Connecting to 0.0.0.0 reaches this machine.
  if (a === 127 || a === 0) return 'loopback';
  if (a === 169 && b === 254) return 'link';
  if (a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168)) return 'private';
  // Reserved; behind a proxy it stands for a name of the internet.
  if (a === NAMED_OUTSIDE) return 'global';
  // Carriers' NAT (RFC 6598), protocol assignments, benchmarks, multicast and reserved.
  if ((a === 100 && b >> 6 === 1) || (a === 192 && b === 0 && c === 0) || (a === 198 && b >> 1 === 9) || a >= 224) {
    return 'private';
  }
  return 'global';
}

function scopeOf6(ip: Uint8Array): Scope {
  const [a = 0, b = 0] = ip;
  const zero = (from: number, to: number): boolean => ip.subarray(from, to).every((byte) => byte === 0);
  if (zero(0, 15) && (ip[15] ?? 0) <= 1) return 'loopback';
  if (a === 0xfe && b >> 6 === 2) return 'link';
  // What leads nowhere (RFC 6666).
  if (a === 1 && zero(1, 8)) return 'private';
  // Unique local (RFC 4193), site-local, multicast.
  if (a >> 1 === 0x7e || (a === 0xfe && b >> 6 === 3) || a === 0xff) return 'private';
  const embedded = embeddedIpv4(ip, zero);
  return embedded === undefined ? 'global' : scopeOf4(embedded);
}

/** The IPv4 address that packets to this IPv6 address reach, or may reach, through a translator or tunnel. */
function embeddedIpv4(ip: Uint8Array, zero: (from: number, to: number) => boolean): Uint8Array | undefined {
  const starts = (...bytes: readonly number[]): boolean => bytes.every((byte, i) => ip[i] === byte);
  // Mapped, compatible and translated (RFC 4291, RFC 2765).
  if (zero(0, 10) && ((ip[10] === 0xff && ip[11] === 0xff) || zero(10, 12))) return ip.subarray(12);
  if (zero(0, 8) && ip[8] === 0xff && ip[9] === 0xff && zero(10, 12)) return ip.subarray(12);
  // NAT64 (RFC 6052). Prefixes of a network's own (RFC 8215) have no fixed length, and count as inside that network.
  if (starts(0, 0x64, 0xff, 0x9b) && zero(4, 12)) return ip.subarray(12);
  if (starts(0, 0x64, 0xff, 0x9b, 0, 1)) return Uint8Array.of(10, 0, 0, 0);
  // 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214).
  if (starts(0x20, 0x02)) return ip.subarray(2, 6);
  if (starts(0x20, 0x01, 0, 0)) return ip.subarray(12).map((byte) => byte ^ 0xff);
  if (((ip[8] ?? 0) & 0xfd) === 0 && ip[9] === 0 && ip[10] === 0x5e && ip[11] === 0xfe) return ip.subarray(12);
  return undefined;
}
