import { formatEndpoint } from '../../base/endpoint.ts';
import { type FoundPeer, isChosen, lastingFacts, mayBePrivate, type PeerSourceKind } from '../../base/peer-source.ts';
import { LateMap } from '../../base/late-map.ts';
import { makeRoomFrom } from '../../strategy/peers/source-quota.ts';

/** Most known peers of one download. With more, one that was named long ago and that nobody is connected to makes room. */
const MAX_KNOWN = 2000;

/** The peers that a download may dial, by `formatEndpoint`. Their number is bounded, as strangers name them. */
export class KnownPeers {
  readonly #all = new LateMap<string, FoundPeer>();
  /** The peers that each source named, the oldest first. */
  readonly #bySource = new LateMap<PeerSourceKind, Set<string>>();
  readonly #isConnected: (key: string) => boolean;

  constructor(isConnected: (key: string) => boolean) {
    this.#isConnected = isConnected;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How many peers each source named. */
  get counts(): ReadonlyMap<PeerSourceKind, number> {
    return new Map([...this.#bySource].map(([source, keys]) => [source, keys.size]));
  }

  has(key: string): boolean {
    return this.#all.has(key);
  }

  get peers(): Iterable<FoundPeer> {
    return this.#all.values();
  }

  [Symbol.iterator](): Iterator<[string, FoundPeer]> {
    return this.#all[Symbol.iterator]();
  }

  /**
   * False where the peer is known already, or there is no room. A peer that a stranger named stays for good once the user chooses it,
   * one of whom other peers told counts as the tracker's once it names it too, and one whose port was unsure is no longer so once
   * somebody is sure. That it came over uTP somewhere, or is in the swarm of version 2, is remembered, whoever says so.
   */
  add(peer: FoundPeer, forgotten?: (key: string) => void): boolean {
    const key = formatEndpoint(peer);
    const known = this.#all.get(key);
    if (known !== undefined) {
      const chosen = isChosen(peer.source) && !isChosen(known.source);
      const vouched = mayBePrivate(peer.source) && !mayBePrivate(known.source);
      const sure = known.unsure === true && peer.unsure !== true;
      const facts = lastingFacts(known, peer);
      if (chosen || vouched || sure) {
        this.delete(key);
        this.#insert(key, { ...peer, ...facts });
      } else if (peer.overUtp === true || peer.v2 === true) this.#all.set(key, { ...known, ...facts });
      return false;
    }
    if (this.#all.size >= MAX_KNOWN) {
      const oldest = this.#oldest(peer.source);
      if (oldest === undefined) return false;
      this.delete(oldest);
      forgotten?.(oldest);
    }
    this.#insert(key, peer);
    return true;
  }

  delete(key: string): void {
    const peer = this.#all.get(key);
    if (peer === undefined) return;
    this.#all.delete(key);
    this.#bySource.get(peer.source)?.delete(key);
  }

  #insert(key: string, peer: FoundPeer): void {
    this.#all.set(key, peer);
    const keys = this.#bySource.get(peer.source) ?? new Set();
    this.#bySource.set(peer.source, keys.add(key));
  }

  /** The peer that makes room for one of this source; never one that the user chose. */
  #oldest(newcomer: PeerSourceKind): string | undefined {
    for (const source of makeRoomFrom(this.counts, newcomer)) {
      if (isChosen(source)) continue;
      for (const key of this.#bySource.get(source) ?? []) if (!this.#isConnected(key)) return key;
    }
    return undefined;
  }
}
