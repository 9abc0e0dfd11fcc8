import type { Endpoint } from '../base/endpoint.ts';
import { networkOf } from '../base/ip.ts';
import { keepNewest } from '../base/keep-newest.ts';

/** Most connections that were asked for and whose dialler has not proved yet that it gets what we send. */
const MOST = 256;
/** Of these from one network: whoever has an address has no more of them. */
const MOST_OF_A_NETWORK = 32;
/** Milliseconds. Whoever dials asks again within this time, or has given up. */
const LIFETIME = 15_000;

/** A connection that somebody asked for. */
export interface Asked {
  readonly remote: Endpoint;
  /** The id of the packet that asked. */
  readonly id: number;
  /** The number of our first packet, which only the one who asked has been told. */
  readonly seq: number;
  /** The number of the packet that asked. */
  readonly ack: number;
  readonly since: number;
}

/** Connections that were asked for: nobody else hears of them until their diallers have shown that their addresses are real. */
export class HalfOpenUtp {
  /** In the order in which they came. */
  readonly #asked = new Map<string, Asked>();
  readonly #seq: () => number;

  /** `seq` gives a number that nobody can guess. */
  constructor(seq: () => number) {
    this.#seq = seq;
  }

  get size(): number {
    return this.#asked.size;
  }

  /** Somebody asks, perhaps again; undefined: its network has asked too often. */
  add(remote: Endpoint, id: number, ack: number, now: number): Asked | undefined {
    const key = keyOf(remote.host, remote.port, id);
    const known = this.#asked.get(key);
    if (known?.ack === ack) return known;
    this.#asked.delete(key);
    this.#expire(now);
    if (this.#isMany(remote.host)) return undefined;
    const asked: Asked = { remote, id, seq: this.#seq(), ack, since: now };
    this.#asked.set(key, asked);
    keepNewest(this.#asked, MOST);
    return asked;
  }

  /** The one of this name; undefined: there is none. */
  get(host: string, port: number, id: number): Asked | undefined {
    return this.#asked.size === 0 ? undefined : this.#asked.get(keyOf(host, port, id));
  }

  delete({ remote, id }: Asked): void {
    this.#asked.delete(keyOf(remote.host, remote.port, id));
  }

  clear(): void {
    this.#asked.clear();
  }

  #expire(now: number): void {
    for (const [key, { since }] of this.#asked) {
      if (now - since < LIFETIME) return;
      this.#asked.delete(key);
    }
  }

  #isMany(host: string): boolean {
    if (this.#asked.size < MOST_OF_A_NETWORK) return false;
    const network = networkOf(host);
    let count = 0;
    for (const { remote } of this.#asked.values()) if (networkOf(remote.host) === network) count++;
    return count >= MOST_OF_A_NETWORK;
  }
}

function keyOf(host: string, port: number, id: number): string {
  return `${id} ${port} ${host}`;
}
