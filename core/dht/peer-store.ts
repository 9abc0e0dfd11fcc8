import { type Millis, millis } from '../base/ids.ts';
import { networkOf } from '../base/ip.ts';
import { shuffled } from '../base/shuffled.ts';
import { binaryText } from '../bencode/binary-text.ts';
import type { Random } from '../ports/random.ts';
import type { Family } from './contract.ts';
import { addressBytes } from './compact.ts';
import { KeptTorrent } from './kept-torrent.ts';

const MAX_TORRENTS = 2000;
const MAX_PEERS = 500;
/** Most torrents kept that one address was the first to announce: nobody fills the table alone. */
const MAX_OPENED = 100;
const KEPT_FOR = millis(45 * 60_000);
const SAMPLE_EVERY = millis(6 * 3_600_000);
const MAX_SAMPLES = 20;

interface Kept {
  readonly hash: Uint8Array;
  readonly peers: KeptTorrent;
  /** The network of whoever announced it first. */
  readonly opener: string;
}

/** What is sampled of the torrents here (BEP 51); the same for `interval` seconds. */
export interface Sample {
  readonly hashes: readonly Uint8Array[];
  readonly total: number;
  readonly interval: number;
}

/** The peers that others announced to us, for whoever asks us (BEP 5). */
export class PeerStore {
  readonly #random: Random;
  readonly #family: Family;
  readonly #torrents = new Map<string, Kept>();
  readonly #opened = new Map<string, number>();
  /** Where `sweep` goes on. */
  #sweeping: Iterator<[string, Kept]> | undefined;
  #sample: { readonly hashes: readonly Uint8Array[]; readonly at: Millis } | undefined;

  constructor(random: Random, family: Family) {
    this.#random = random;
    this.#family = family;
  }

  get counts(): { readonly torrents: number; readonly peers: number } {
    let peers = 0;
    for (const kept of this.#torrents.values()) peers += kept.peers.count;
    return { torrents: this.#torrents.size, peers };
  }

  find(hash: Uint8Array, now: Millis): KeptTorrent | undefined {
    const key = binaryText(hash);
    const kept = this.#torrents.get(key);
    if (kept === undefined) return undefined;
    this.#expire(key, kept, now);
    return kept.peers.count > 0 ? kept.peers : undefined;
  }

  /** Whether this address may announce this torrent; otherwise it gets no token, and announces to our neighbours. */
  takes(hash: Uint8Array, ip: Uint8Array, host: string): boolean {
    const kept = this.#torrents.get(binaryText(hash));
    if (kept !== undefined) return kept.peers.count < MAX_PEERS || kept.peers.has(ip);
    return this.#torrents.size < MAX_TORRENTS && (this.#opened.get(networkOf(host)) ?? 0) < MAX_OPENED;
  }

  /** Keeps a peer; dropped where `takes` says no. `host` is the text of `ip`. */
  announce(hash: Uint8Array, ip: Uint8Array, host: string, port: number, seed: boolean, now: Millis): void {
    if (!this.takes(hash, ip, host)) return;
    const key = binaryText(hash);
    let kept = this.#torrents.get(key);
    if (kept === undefined) {
      const opener = networkOf(host);
      kept = { hash: hash.slice(), peers: new KeptTorrent(addressBytes(this.#family)), opener };
      this.#torrents.set(key, kept);
      this.#opened.set(opener, (this.#opened.get(opener) ?? 0) + 1);
    }
    kept.peers.put(ip, port, seed, now);
  }

  sample(now: Millis): Sample {
    const total = this.#torrents.size;
    const old = this.#sample;
    // One that was short as we had no more is made anew once there is more.
    const stale =
      old === undefined ||
      now - old.at >= SAMPLE_EVERY ||
      (old.hashes.length < MAX_SAMPLES && total > old.hashes.length);
    if (stale) {
      const all = shuffled([...this.#torrents.values()], this.#random.uniform);
      this.#sample = { hashes: all.slice(0, MAX_SAMPLES).map(({ hash }) => hash), at: now };
    }
    return { hashes: this.#sample?.hashes ?? [], total, interval: SAMPLE_EVERY / 1000 };
  }

  /** Forgets what is too old among the next `count` torrents, so that calling it now and then reaches all. */
  sweep(count: number, now: Millis): void {
    for (let i = 0; i < count; i++) {
      this.#sweeping ??= this.#torrents.entries();
      const next = this.#sweeping.next();
      if (next.done === true) {
        this.#sweeping = undefined;
        return;
      }
      this.#expire(next.value[0], next.value[1], now);
    }
  }

  #expire(key: string, kept: Kept, now: Millis): void {
    kept.peers.expire(millis(now - KEPT_FOR));
    if (kept.peers.count > 0) return;
    this.#torrents.delete(key);
    const left = (this.#opened.get(kept.opener) ?? 1) - 1;
    if (left > 0) this.#opened.set(kept.opener, left);
    else this.#opened.delete(kept.opener);
  }
}
