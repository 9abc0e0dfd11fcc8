import type { IdentityIndex, TorrentKey } from '../base/ids.ts';
import { type FoundPeer, foundBy } from '../base/peer-source.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import { KnownPeers } from '../coordinator/peers/known-peers.ts';
import type { Member } from '../coordinator/run/member.ts';
import type { AboutDownloads, ToIdentity } from '../identity/messages.ts';
import { dealtTo } from './dealing.ts';

type Told = Extract<ToIdentity, { readonly type: 'siblings' | 'peers' }>;

/** The peers and siblings of an identity without a coordinator, which works out by itself which peers to dial (A16). */
export class LonePeers {
  readonly #key: TorrentKey;
  readonly #own: Member;
  readonly #machine: string;
  readonly #tell: (message: Told) => void;
  readonly #known = new KnownPeers((key) => this.#own.connected.has(key));
  #siblings: readonly Sibling[] = [];

  /** `machine`: see `MemberRecord`. */
  constructor(key: TorrentKey, own: Member, machine: string, tell: (message: Told) => void) {
    this.#key = key;
    this.#own = own;
    this.#machine = machine;
    this.#tell = tell;
  }

  /** Siblings whose heartbeat was seen within their lease. */
  get alive(): ReadonlySet<IdentityIndex> {
    return new Set(this.#siblings.filter((one) => one.alive).map((one) => one.index));
  }

  found(peers: readonly FoundPeer[]): void {
    for (const peer of peers) this.#known.add(peer);
    this.deal();
  }

  /** Handles the client's messages about its peers. */
  heard(message: Extract<AboutDownloads, { readonly type: 'listening' | 'peers-found' | 'peer' }>): void {
    if (message.type === 'peers-found') this.found(foundBy(message.source, message.endpoints));
    else if (message.type === 'listening') {
      this.#own.listens(message.endpoint);
      this.deal();
    } else this.#own.connection(message.endpoint, message.connected);
  }

  met(siblings: readonly Sibling[]): void {
    this.#siblings = siblings;
    this.introduce();
  }

  /** Tells the client who its siblings are, and which peers it may dial. */
  introduce(): void {
    const peerIds = this.#siblings.map((one) => one.peerId);
    const endpoints = this.#siblings.map((one) => one.endpoint).filter((one) => one.host !== '' && one.port > 0);
    this.#tell({ type: 'siblings', key: this.#key, peerIds, endpoints });
    this.deal();
  }

  deal(): void {
    const { index, endpoint } = this.#own;
    const own = { index, endpoint, machine: this.#machine };
    const dial = dealtTo(own, this.#siblings, [...this.#known.peers]);
    this.#tell({ type: 'peers', key: this.#key, dial });
  }
}
