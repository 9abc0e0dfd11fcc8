import { formatIp, parseIp } from './ip.ts';

// Addresses that no host has (240.0.0.0/4, RFC 1112) stand for what only a proxy knows, so that all that works with addresses works
// with it too. `ip-scope` knows the first of these ranges, and no peer is ever believed to be in any.

/** First byte of what stands for a name that seems to be one of the internet. */
export const NAMED_OUTSIDE = 240;
/** For a name that only the proxy's own network is likely to know. */
const NAMED_INSIDE = 241;
/** For the near end of a link through a proxy. */
const LINK = 242;

/** Whether only a network's own name servers are likely to know this name. */
export function isInnerName(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, '');
  return !plain.includes('.') || /\.(?:local|lan|home|internal|intranet|corp|localdomain|localhost|arpa)$/.test(plain);
}

/** What stands for a name, by its number. */
export function nameStandIn(name: string, number: number): string {
  return withNumber(isInnerName(name) ? NAMED_INSIDE : NAMED_OUTSIDE, number);
}

/** Whether this address stands for a name. */
export function standsForName(address: string): boolean {
  const [first] = parseIp(address) ?? [];
  return first === NAMED_OUTSIDE || first === NAMED_INSIDE;
}

/** The local address by which a link is known; the same for the same text, in each run. */
export function linkStandIn(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return withNumber(LINK, (hash ^ (hash >>> 24)) & 0xff_ffff);
}

/** The address of IPv6 by which the same link is known, in a range that leads nowhere (100::/64, RFC 6666); undefined: `address` is that of no link. */
export function linkStandIn6(address: string): string | undefined {
  const ip = parseIp(address);
  if (ip?.length !== 4 || ip[0] !== LINK) return undefined;
  const out = new Uint8Array(16);
  out[0] = 1;
  out.set(ip, 12);
  return formatIp(out);
}

/** Whether this is the near end of a link through a proxy, by either of its addresses. */
export function isLinkStandIn(address: string): boolean {
  const ip = parseIp(address);
  if (ip?.length !== 16) return ip?.[0] === LINK;
  return linkStandIn6(formatIp(ip.subarray(12))) === formatIp(ip);
}

function withNumber(first: number, number: number): string {
  return formatIp(Uint8Array.of(first, number >>> 16, number >>> 8, number));
}
