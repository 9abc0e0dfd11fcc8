import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { formatIp, isLoopback, parseIp } from '../../core/base/ip.ts';

/** How many bytes of an IPv6 address identify its owner, who can choose the rest (RFC 6177). */
const IPV6_PREFIX = 8;

/** Who is at the other end of a connection, for bounds and counts: an IPv4 address or an IPv6 /64. */
export function addressOf(socket: Pick<Socket, 'remoteAddress'>): string {
  return owner(socket.remoteAddress ?? '');
}

/** Who made a request. A trusted proxy's forwarded address would be read here. */
export function requesterOf(request: Pick<IncomingMessage, 'socket'>): string {
  return addressOf(request.socket);
}

function owner(address: string): string {
  const ip = parseIp(address.replace(/%.*$/, ''));
  if (ip === undefined) return address;
  // An IPv4 address in IPv6 form is written as IPv4.
  const text = formatIp(ip);
  if (!text.includes(':') || isLoopback(text)) return text;
  return `${formatIp(ip.fill(0, IPV6_PREFIX))}/64`;
}
