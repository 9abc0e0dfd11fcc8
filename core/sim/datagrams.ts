import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { isUnicast, parseIp } from '../base/ip.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatagramHandler, DatagramOptions } from '../ports/datagram.ts';
import type { Random } from '../ports/random.ts';
import type { Link } from './net-link.ts';
import { HELD_BACK } from './net-link.ts';

/** The largest payload of a UDP datagram over IPv4, in bytes. */
export const MOST_PAYLOAD = 65_507;

/** One UDP socket of a host. */
export interface SimSocket {
  readonly options: DatagramOptions;
  readonly port: number;
  readonly handler: DatagramHandler;
}

/** The UDP sockets of one host: which socket has which port, and which one a datagram is for. */
export class SimSockets {
  readonly #open = new Set<SimSocket>();

  /** Whether the port is taken on this address (undefined: on all). */
  taken({ localAddress, family }: DatagramOptions, port: number): boolean {
    return [...this.#open].some(
      (other) =>
        other.port === port &&
        other.options.family === family &&
        (localAddress === undefined || [undefined, localAddress].includes(other.options.localAddress)),
    );
  }

  add(socket: SimSocket): void {
    this.#open.add(socket);
  }

  delete(socket: SimSocket): void {
    this.#open.delete(socket);
  }

  has(socket: SimSocket): boolean {
    return this.#open.has(socket);
  }

  /** A datagram arrives: it goes to the socket on exactly this address, or else to the one on all addresses of that family. */
  deliver(to: Endpoint, family: 4 | 6, data: Uint8Array, from: Endpoint): void {
    let socket: SimSocket | undefined;
    for (const one of this.#open) {
      if (one.port !== to.port || one.options.family !== family) continue;
      if (one.options.localAddress === to.host) socket = one;
      else if (one.options.localAddress === undefined) socket ??= one;
    }
    socket?.handler.received(data, from.host, from.port);
  }

  /**
   * A datagram to a group came by the interface with this address. If one socket joined the group there, all that joined it on any
   * interface get it, as on Linux.
   */
  deliverToGroup(group: Endpoint, localAddress: string, data: Uint8Array, from: Endpoint): void {
    const key = formatEndpoint(group);
    const joined = [...this.#open].filter(({ options }) =>
      options.multicast?.groups.some((one) => formatEndpoint(one) === key),
    );
    if (!joined.some(({ options }) => options.localAddress === localAddress)) return;
    for (const { handler } of joined) handler.received(data.slice(), from.host, from.port);
  }
}

export function isMulticast(host: string): boolean {
  const ip = parseIp(host);
  const first = ip?.[0] ?? 0;
  return ip !== undefined && !isUnicast(ip) && (ip.length === 16 ? first === 0xff : first >= 224 && first < 240);
}

/**
 * Takes a datagram over two lines, with queues, losses and duplicates at both and the latency of both; it may be lost on the way.
 * The bytes are read when they leave the first line: changes until then are sent too. Returns whether they were read already.
 */
export function carry(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  link: Link,
  farLink: Link,
  bytes: Uint8Array,
  arrived: (data: Uint8Array) => void,
): boolean {
  const happens = (share: number): boolean => share > 0 && random.uniform() < share;
  const later = (wait: number, task: () => void): void => void (wait > 0 ? clock.after(millis(wait), task) : task());
  const { length } = bytes;
  link.sent += length;
  if (!link.passing || link.up.waiting + length > link.queue) return true;
  const latency = link.latency + farLink.latency;
  const travel = (data: Uint8Array): void => {
    if (happens(link.loss) || happens(farLink.loss)) return;
    const held = happens(link.reordering) || happens(farLink.reordering) ? random.uniform() * HELD_BACK : 0;
    clock.after(millis(latency + held), () => {
      if (!farLink.passing || farLink.down.waiting + length > farLink.queue) return;
      later(farLink.down.book(length), () => arrived(data));
    });
  };
  const wait = link.up.book(length);
  later(wait, () => {
    travel(bytes.slice());
    if (happens(link.duplication) || happens(farLink.duplication)) travel(bytes.slice());
  });
  return wait <= 0;
}
