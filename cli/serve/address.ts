import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalIp, formatIp, isLoopback, parseIp } from '../../core/base/ip.ts';

/** How many bytes of an IPv6 address identify its owner, who can choose the rest (RFC 6177). */
const IPV6_PREFIX = 8;

/** Who is at the other end of a connection, for bounds and counts: an IPv4 address or an IPv6 /64. */
export function addressOf(socket: Pick<Socket, 'remoteAddress'>): string {
  return owner(socket.remoteAddress ?? '');
}

/**
 * Who made a request. Where it comes from a trusted proxy, the last address that this one names and that is none of them (`X-Forwarded-For`): what stands
 * before it may have been made up by whoever asks.
 */
export function requesterOf(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  trusted: readonly string[],
): string {
  const isTrusted = (address: string): boolean => trusted.includes(canonicalIp(address) ?? '');
  let who = socket.remoteAddress ?? '';
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  while (isTrusted(who)) {
    const next = canonicalIp(withoutPort(named.pop()?.trim() ?? ''));
    if (next === undefined) break;
    who = next;
  }
  return owner(who);
}

/** Some proxies name the port, too. */
function withoutPort(text: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

function owner(address: string): string {
  const ip = parseIp(address.replace(/%.*$/, ''));
  if (ip === undefined) return address;
  // An IPv4 address in IPv6 form is written as IPv4.
  const text = formatIp(ip);
  if (!text.includes(':') || isLoopback(text)) return text;
  return `${formatIp(ip.fill(0, IPV6_PREFIX))}/64`;
}
