import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { familyOf, isLoopback } from '../base/ip.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { ETHERNET, IP_AND_UDP, LEAST, TUNNELLED, USUAL, WIDE } from './sizes.ts';

/** How long it is remembered that datagrams of a size do not reach somebody, and of how many. */
const HOLDS = 600_000;
const MOST = 1_000;

interface Known {
  /** Bytes that are too long. */
  readonly tooLong: number;
  readonly until: number;
}

/** With what the connections to a place begin, and what they try. */
export interface Sizes {
  readonly first: number;
  readonly larger: readonly number[];
}

/** How long the datagrams may be that a socket sends, and what was learned of the ways to single places. */
export class PathSizes {
  readonly #longest: number | undefined;
  /** By endpoint: what passes is also a matter of the other program's buffers. The oldest comes first. */
  readonly #known = new Map<string, Known>();

  /** `longest`: bytes of the longest datagram that the interface takes in one piece; undefined: not known. */
  constructor(longest: number | undefined) {
    this.#longest = longest;
  }

  /** How many places there are of which something is remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** `now` in milliseconds. */
  to(remote: Endpoint, now: number): Sizes {
    const key = formatEndpoint(remote);
    const known = this.#known.get(key);
    const below = known !== undefined && now < known.until ? known.tooLong : Infinity;
    const most = this.#most(remote.host);
    const passes = (size: number): boolean => size < below && size <= most;
    // Nothing is lost for its size on the way to ourselves, but for what the other side's buffers cut off.
    const usual = isLoopback(remote.host) ? [TUNNELLED, USUAL] : [USUAL];
    const first = usual.find(passes) ?? LEAST;
    const larger = [Math.min(WIDE, most), ETHERNET, TUNNELLED, USUAL].filter((size) => size > first && passes(size));
    return { first, larger: [...new Set(larger)] };
  }

  /** Datagrams of this size do not reach this place, though shorter ones do. */
  tooLong(remote: Endpoint, size: number, now: number): void {
    if (size <= LEAST) return;
    const key = formatEndpoint(remote);
    this.#known.delete(key);
    this.#known.set(key, { tooLong: size, until: now + HOLDS });
    keepNewest(this.#known, MOST);
  }

  clear(): void {
    this.#known.clear();
  }

  /** Routers do not cut up what goes by IPv6, and many of its ways are tunnels. */
  #most(host: string): number {
    if (familyOf(host) === 6) return isLoopback(host) ? TUNNELLED : USUAL;
    return this.#longest ?? TUNNELLED;
  }
}

/** The longest datagram over IPv4 that an interface takes whose packets are at most so long. */
export function longestDatagram(packet: number | undefined): number | undefined {
  return packet === undefined ? undefined : Math.max(LEAST, packet - IP_AND_UDP);
}
