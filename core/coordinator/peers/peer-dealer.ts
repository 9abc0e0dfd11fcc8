import { type Endpoint, formatEndpoint } from '../../base/endpoint.ts';
import { type IdentityIndex, type TorrentKey, millis, type Millis } from '../../base/ids.ts';
import { dealingNamed } from '../../strategy/dealings/dealings.ts';
import type { DealtPeers, DealablePeer } from '../../strategy/peers/peer-dealing.ts';
import { handOvers } from '../../strategy/peers/peer-handover.ts';
import { type FoundPeer, foundBy, mayBePrivate } from '../../base/peer-source.ts';
import { LateMap } from '../../base/late-map.ts';
import type { AboutDownload } from '../../identity/messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { localEndpoints } from '../run/bind-addresses.ts';
import { KnownPeers } from './known-peers.ts';
import type { Member } from '../run/member.ts';
import type { Team } from '../run/team.ts';

/** Peers come in bursts: those that come within this time after a deal are dealt together. */
const DEAL_AFTER = millis(100);
/** How long a peer that was dialled has to answer before it may be dealt to another identity. */
const ANSWER_WITHIN = millis(5000);

export interface PeerDealerOptions {
  readonly key: TorrentKey;
  readonly clock: Clock;
  readonly interfaces: Pick<Interfaces, 'list'>;
  readonly members: readonly Member[];
  /** A private torrent (BEP 27): peers that neither its trackers nor the user named are not taken. */
  readonly isPrivate?: boolean;
  /** The name of how they are dealt; undefined: as usual. */
  readonly dealing?: string | undefined;
}

const NOBODY: DealtPeers = new Map();

/**
 * Deals the known peers among the identities (A16): identities that share an address never dial the same peer, since most clients
 * accept only one connection from an address. An incoming peer stays with the identity that it dialled. Siblings are nobody's peers
 * (A14).
 */
export class PeerDealer {
  readonly #o: PeerDealerOptions;
  readonly #team: Team;
  readonly #known = new KnownPeers((key) => this.#o.members.some((member) => member.connected.has(key)));
  /** Where our own identities are reached, as of their last introduction; made when somebody names a peer. */
  #siblings: ReadonlySet<string> | undefined;
  /** The outer ends of their mappings when they were last introduced to each other. */
  #introduced = '';
  /** The list that each identity was sent last. */
  readonly #told = new LateMap<IdentityIndex, readonly string[]>();
  #assignment = NOBODY;
  /** When each peer was last dealt to another identity than before. */
  readonly #handedAt = new LateMap<string, Millis>();
  #timer: Timer | undefined;
  #stale = false;
  #dealtAt = -Infinity;

  constructor(options: PeerDealerOptions, team: Team) {
    this.#o = options;
    this.#team = team;
  }

  /** What an identity says of its peers, and of where it listens. */
  heard(
    member: Member,
    message: Extract<AboutDownload, { readonly type: 'listening' | 'peers-found' | 'peer' }>,
  ): void {
    switch (message.type) {
      case 'listening':
        member.listens(message.endpoint);
        this.introduce();
        break;
      case 'peers-found':
        this.found(foundBy(message.source, message.endpoints));
        break;
      case 'peer': {
        const { endpoint, connected } = message;
        member.connection(endpoint, connected);
        this.connectionsChanged(connected ? undefined : formatEndpoint(endpoint));
        break;
      }
      default:
        message satisfies never;
    }
  }

  found(peers: readonly FoundPeer[]): void {
    const forgotten = (key: string): unknown => this.#handedAt.delete(key);
    for (const peer of peers) {
      if (this.#o.isPrivate === true && !mayBePrivate(peer.source)) continue;
      if (this.#own.has(formatEndpoint(peer))) continue;
      if (this.#known.add(peer, forgotten)) this.#stale = true;
    }
    if (this.#stale) this.#schedule();
  }

  /** All that it knows. */
  get known(): readonly FoundPeer[] {
    return [...this.#known.peers];
  }

  /** A connection was made, or the one with `gone` ended. */
  connectionsChanged(gone?: string): void {
    if (gone !== undefined) this.#handedAt.delete(gone);
    this.#stale = true;
  }

  /** Tells every identity who its siblings are and where they listen. */
  introduce(): void {
    this.#introduced = this.#outerEnds();
    this.#siblings = undefined;
    if (this.#known.size > 0) for (const own of this.#own) this.#known.delete(own);
    if (this.#o.members.length > 1) {
      for (const member of this.#team.active) {
        const others = this.#o.members.filter((other) => other !== member);
        const endpoints = others.flatMap((other) => this.#endpointsOf(other));
        const peerIds = others.map(({ peerId }) => peerId);
        this.#team.post(member, { type: 'siblings', key: this.#o.key, peerIds, endpoints });
      }
    }
    this.#stale = true;
    this.#schedule();
  }

  get #own(): ReadonlySet<string> {
    if (this.#siblings === undefined) {
      const all = this.#o.members.flatMap((member) => this.#endpointsOf(member));
      this.#siblings = new Set(all.map(formatEndpoint));
    }
    return this.#siblings;
  }

  #outerEnds(): string {
    let ends = '';
    for (const { outer } of this.#o.members) ends += outer === undefined ? ',' : `,${formatEndpoint(outer)}`;
    return ends;
  }

  /** Where it is reached, from this machine and through its router: trackers name the latter. */
  #endpointsOf({ endpoint, outer }: Member): Endpoint[] {
    const local = endpoint === undefined ? [] : localEndpoints(this.#o.interfaces, endpoint);
    return outer === undefined ? local : [...local, outer];
  }

  /** An identity was given the download again, and knows nobody. */
  forget(identity: IdentityIndex): void {
    this.#told.delete(identity);
    this.#stale = true;
    this.#schedule();
  }

  /** Deals again if something changed, and tells the identities whose lists have changed. */
  deal(): void {
    if (this.#outerEnds() !== this.#introduced) this.introduce();
    if (!this.#stale || this.#isEmpty) return;
    const now = this.#o.clock.now();
    if (this.#known.size > 0) this.#dealtAt = now;
    const taking = this.#o.members.filter((member) => this.#mayDial(member));
    const peers = [...this.#known].map(([key, endpoint]): DealablePeer => {
      const connectedTo = taking.filter((member) => member.connected.has(key)).map((member) => member.index);
      const fresh = now - (this.#handedAt.get(key) ?? -Infinity) < ANSWER_WITHIN;
      return { key, endpoint, connectedTo, fresh };
    });
    // Peers that do not answer are dealt again when their time is over.
    this.#stale = peers.some(({ fresh, connectedTo }) => fresh && connectedTo.length === 0);
    const identities = taking.map(({ index, address }) => ({ index, group: address ?? '' }));
    this.#assignment = dealingNamed(this.#o.dealing).peers({ peers, identities, previous: this.#assignment });
    for (const member of this.#team.active) {
      const dial = this.#assignment.get(member.index) ?? [];
      const keys = dial.map(formatEndpoint);
      const told = this.#told.get(member.index);
      if (told?.length === keys.length && keys.every((key, i) => key === told[i])) continue;
      this.#told.set(member.index, keys);
      const had = new Set(told);
      for (const key of keys) if (!had.has(key)) this.#handedAt.set(key, now);
      this.#team.post(member, { type: 'peers', key: this.#o.key, dial });
    }
  }

  /**
   * Whether peers are dealt to an identity. Seeds give their slots to whoever comes first, so that no peer is kept for a process
   * that is still starting; but the peers of one that died are kept for it, as it comes back.
   */
  #mayDial({ phase, address }: Member): boolean {
    if (phase !== 'waiting') return phase === 'active' || phase === 'restarting';
    return !this.#o.members.some((other) => other.phase === 'active' && other.address === address);
  }

  /**
   * Makes identities with many peers give some up for those that came later and have none (`needed`: whatever kind of peers). To be
   * called once a second.
   */
  evenOut(needed: boolean): void {
    if (this.#team.active.length < 2 || !dealingNamed(this.#o.dealing).evensOut) return;
    const present = this.#o.members.filter(({ phase }) => phase === 'active' || phase === 'waiting');
    const holdings = present.map(({ index, address, connected, phase }) => {
      // Peers that nobody could dial, because it is not known where they listen, do not count: they cannot change hands.
      const known = [...connected.keys()].filter((key) => this.#known.has(key)).length;
      const dealt = (this.#assignment.get(index) ?? []).filter((peer) => !connected.has(formatEndpoint(peer))).length;
      return { index, group: address ?? '', connected: known, dealt, starting: phase === 'waiting' };
    });
    const { key } = this.#o;
    for (const [index, count] of handOvers(holdings)) {
      const member = this.#team.member(index);
      if (member === undefined) continue;
      this.#team.post(member, { type: 'give-up-peers', key, count, needed });
      // It forgets these peers: those that it keeps after the next deal have to be sent again.
      this.#told.delete(index);
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Nobody is known, and nobody ever was: of thousands of seeds most are left alone. */
  get #isEmpty(): boolean {
    return this.#known.size === 0 && this.#assignment.size === 0;
  }

  /** The first peers are dealt at once, as seeds give their slots to whoever comes first. */
  #schedule(): void {
    if (this.#isEmpty) return;
    const wait = millis(Math.max(0, this.#dealtAt + DEAL_AFTER - this.#o.clock.now()));
    this.#timer ??= this.#o.clock.after(wait, () => {
      this.#timer = undefined;
      this.deal();
    });
  }
}
