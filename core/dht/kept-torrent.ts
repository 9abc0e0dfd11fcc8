import { readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { Millis } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';
import { ScrapeFilter } from './scrape-filter.ts';

/** Behind address and port: whether it is a seed, and the second in which it was announced. */
const EXTRA_BYTES = 5;
const FIRST_ROOM = 4;

/** The peers of one torrent that were announced to us, one an address (BEP 33), packed into one piece of memory. */
export class KeptTorrent {
  /** Bytes of an address: 4 or 16. */
  readonly #ipBytes: number;
  readonly #entry: number;
  #data: Uint8Array;
  #count = 0;

  constructor(ipBytes: 4 | 16) {
    this.#ipBytes = ipBytes;
    this.#entry = ipBytes + 2 + EXTRA_BYTES;
    this.#data = new Uint8Array(this.#entry * FIRST_ROOM);
  }

  get count(): number {
    return this.#count;
  }

  has(ip: Uint8Array): boolean {
    return this.#find(ip) >= 0;
  }

  /** Adds or renews a peer. */
  put(ip: Uint8Array, port: number, seed: boolean, now: Millis): void {
    let at = this.#find(ip);
    if (at < 0) {
      at = this.#count++ * this.#entry;
      if (at >= this.#data.length) {
        const larger = new Uint8Array(this.#data.length * 2);
        larger.set(this.#data);
        this.#data = larger;
      }
      this.#data.set(ip, at);
    }
    const extra = at + this.#ipBytes;
    writeU16(this.#data, extra, port);
    this.#data[extra + 2] = seed ? 1 : 0;
    writeU32(this.#data, extra + 3, Math.floor(now / 1000));
  }

  /** Forgets peers that were not announced since then. */
  expire(before: Millis): void {
    const second = before / 1000;
    for (let i = this.#count - 1; i >= 0; i--) {
      const at = i * this.#entry;
      if (readU32(this.#data, at + this.#ipBytes + 3) >= second) continue;
      const last = --this.#count * this.#entry;
      this.#data.copyWithin(at, last, last + this.#entry);
    }
    const needed = Math.max(FIRST_ROOM, this.#count) * this.#entry;
    if (this.#data.length >= needed * 4) this.#data = this.#data.slice(0, needed * 2);
  }

  /** Up to `most` peers by chance, in compact form. Without `seeds` only such as have not all. */
  pick(most: number, seeds: boolean, random: Random): Uint8Array[] {
    const out: Uint8Array[] = [];
    const start = Math.floor(random.uniform() * this.#count);
    for (let i = 0; i < this.#count && out.length < most; i++) {
      const at = ((start + i) % this.#count) * this.#entry;
      const size = this.#ipBytes + 2;
      if (seeds || this.#data[at + size] === 0) out.push(this.#data.slice(at, at + size));
    }
    return out;
  }

  /** Filters of all seeds and of all others (BEP 33). */
  filters(): { readonly seeds: Uint8Array; readonly peers: Uint8Array } {
    const seeds = new ScrapeFilter();
    const peers = new ScrapeFilter();
    for (let i = 0; i < this.#count; i++) {
      const at = i * this.#entry;
      const filter = this.#data[at + this.#ipBytes + 2] === 1 ? seeds : peers;
      filter.add(this.#data.subarray(at, at + this.#ipBytes));
    }
    return { seeds: seeds.bytes, peers: peers.bytes };
  }

  #find(ip: Uint8Array): number {
    for (let i = 0, at = 0; i < this.#count; i++, at += this.#entry) {
      let same = 0;
      while (same < this.#ipBytes && this.#data[at + same] === ip[same]) same++;
      if (same === this.#ipBytes) return at;
    }
    return -1;
  }
}
