import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalIp, isLoopback, networkOf } from '../../core/base/ip.ts';

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

/** An IPv4 address, also where it is written in IPv6 form, or an IPv6 /64, whose owner can choose the rest (RFC 6177). */
function owner(address: string): string {
  const plain = address.replace(/%.*$/, '');
  return isLoopback(plain) ? (canonicalIp(plain) ?? plain) : networkOf(plain);
}
