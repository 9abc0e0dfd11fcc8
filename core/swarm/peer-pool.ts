import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type { Millis, PeerId } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';
import { accepts } from '../mse/policy.ts';
import type { FoundPeer, PeerSourceKind } from '../base/peer-source.ts';
import { shuffled } from '../base/shuffled.ts';
import { PeerBook } from '../discovery/peer-book.ts';
import { Visits } from '../discovery/visits.ts';
import type { DialFailure } from '../peer/end-reason.ts';
import type { Admission, Newcomer } from '../peer/half-open.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Timer } from '../ports/clock.ts';
import { wantsUtpFirst } from '../strategy/peers/punch-plan.ts';
import { Dials, type DialsOptions, MAX_DIALS } from './dials.ts';
import { everySecond } from './every-second.ts';
import { PeerPlaces, type PeerPlacesOptions } from './peer-places.ts';

/** Most dials under way for which there is a place only if some peer leaves. */
const MAX_FOR_TURNOVER = 2;
/** Two connections to one peer that come this close together were dialled by both sides at once. */
const CROSSING = 10_000;
/** Connections break for so long before it is known that our address is gone (ms). */
const BEFORE = 3000;

export interface PeerPoolOptions extends DialsOptions, Omit<PeerPlacesOptions, 'clock'> {
  /** Routers lie between us and this peer, and nobody comes in through them unasked, as far as is known. */
  isSecluded(remote: Endpoint): boolean;
  /** Whether more peers are wanted at all. */
  wanted(): boolean;
  /** Whether nobody at this address is to be a peer. */
  readonly barred?: ((host: string) => boolean) | undefined;
  /** Its canonical priority (BEP 40), as far as our own address is known. */
  priorityOf(remote: Endpoint): number | undefined;
  /** A peer is connected: both handshakes are complete, it is no sibling and was not connected before. `punched`: see `PeerLink`. */
  joined(session: PeerSession, source: PeerSourceKind, punched: boolean): void;
}

/**
 * The connected peers. Dials and accepts within the limits, but never itself, a sibling (A14), a banned peer, or the same peer
 * twice. Peers are the same if they have the same peer id and the same address: an id alone can be copied to keep its owner out.
 */
export class PeerPool {
  readonly #options: PeerPoolOptions;
  readonly #book: PeerBook;
  readonly #dials: Dials;
  readonly #places: PeerPlaces;
  readonly #visits = new Visits();
  /** Where connected peers that dialled us say that they listen. */
  readonly #listening = new Map<PeerSession, string>();
  readonly #siblings = new Set<PeerId>();
  #siblingEndpoints = new Set<string>();
  #siblingPorts: ReadonlySet<number> = new Set();
  #dealt = new Map<string, FoundPeer>();
  #timer: Timer | undefined;
  /** When it last stopped, until it starts again. */
  #stoppedAt: Millis | undefined;
  #incomingSeen = false;

  constructor(options: PeerPoolOptions) {
    this.#options = options;
    this.#book = new PeerBook(undefined, (remote) => options.priorityOf(remote));
    this.#dials = new Dials(options);
    this.#places = new PeerPlaces({
      clock: options.ports.clock,
      maxPeers: () => options.maxPeers(),
      makeRoom: (newcomer, may, turn) => options.makeRoom(newcomer, may, turn),
    });
  }

  /** How many peers are connected. */
  get size(): number {
    return this.#places.size;
  }

  /** Nobody is connected, dialled, to be dialled, or to be kept out. */
  get unused(): boolean {
    return this.size === 0 && this.#dials.size === 0 && this.#dealt.size === 0 && !this.#book.bans;
  }

  /** Whether any incoming connection came (B18: firewalled?). */
  get reachable(): boolean {
    return this.#incomingSeen;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    if (this.#stoppedAt !== undefined) this.#book.forgive(this.#stoppedAt - BEFORE);
    this.#stoppedAt = undefined;
    this.#timer ??= everySecond(this.#options.ports, () => {
      this.#dials.look();
      this.#dial();
    });
    this.#dial();
  }

  /** Nobody could be dialled since then: whoever failed meanwhile is dialled again. */
  wayCame(since: Millis): void {
    this.#book.forgive(since);
    if (this.running) this.#dial();
  }

  /** Stops dialling, and closes all connections. */
  stop(): void {
    if (this.#timer !== undefined) this.#stoppedAt = this.#options.ports.clock.now();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const remote of this.#dials.cancelAll()) this.#book.gone(remote);
    for (const session of this.#places.sessions()) session.close();
  }

  /** Sets the only peers to dial from now on (A16). Existing connections stay. */
  setDealt(peers: readonly FoundPeer[]): void {
    const dealt = new Map(peers.map((peer) => [formatEndpoint(peer), peer]));
    for (const [key, endpoint] of this.#dealt) {
      if (dealt.has(key)) continue;
      this.#dials.cancel(key);
      this.#book.forget(endpoint);
    }
    this.#dealt = dealt;
    const strangers = peers.filter((peer) => !this.#siblingEndpoints.has(formatEndpoint(peer)));
    // Several identities may have the same list, and should not all dial the same peers in the same order at once.
    this.#book.add(shuffled(strangers, this.#options.ports.random.uniform));
    if (this.#timer !== undefined) this.#dial();
  }

  setSiblings(peerIds: readonly PeerId[], endpoints: readonly Endpoint[]): void {
    this.#siblings.clear();
    for (const id of peerIds) this.#siblings.add(id);
    this.#siblingEndpoints = new Set(endpoints.map(formatEndpoint));
    this.#siblingPorts = new Set(endpoints.map(({ port }) => port));
    for (const session of this.#places.sessions()) if (this.#siblings.has(session.peerId)) session.close();
  }

  isSibling(endpoint: Endpoint): boolean {
    return this.#siblingEndpoints.has(formatEndpoint(endpoint));
  }

  /** Ports on which siblings listen. */
  get siblingPorts(): ReadonlySet<number> {
    return this.#siblingPorts;
  }

  /** Our own address, and with it the priorities of all peers, became known or changed. */
  rerank(): void {
    this.#book.rerank();
  }

  /** Dials nobody any more whose source `may` not. */
  forgetUnless(may: (source: PeerSourceKind) => boolean): void {
    this.setDealt([...this.#dealt.values()].filter(({ source }) => may(source)));
  }

  /** Ends all connections with this host, and makes none again in this run. */
  ban(host: string): void {
    this.#book.ban(host);
    for (const session of this.#places.sessions()) if (session.remote.host === host) session.close();
  }

  /** Ends connections with those that are barred by now. */
  expel(): void {
    for (const session of this.#places.sessions()) if (this.#keepsOut(session.remote.host)) session.close();
  }

  #keepsOut(host: string): boolean {
    return this.#book.isBanned(host) || this.#options.barred?.(host) === true;
  }

  /** Neither side has anything to give: the connection ends, and is not made again for a while. */
  useless(session: PeerSession): void {
    const now = this.#options.ports.clock.now();
    if (!session.incoming) this.#book.useless(session.remote, now);
    session.close();
  }

  /** As `useless`, and while places are scarce the peer's machine gets none. */
  turnOut(session: PeerSession): void {
    this.#places.turnedOut(session);
    this.useless(session);
  }

  /** There is something to fetch again: peers that were useless may be dialled again. */
  wantAgain(): void {
    this.#book.wantAgain();
    if (this.#timer !== undefined) this.#dial();
  }

  /** Ends the connection. The peer is not dialled again unless it is dealt again. */
  giveUp(session: PeerSession): void {
    this.#dealt.delete(formatEndpoint(session.remote));
    this.#book.forget(session.remote);
    session.close();
  }

  /** For a listener: whether to answer an incoming connection, and how. */
  admission({ remote, transport, encryption, crowded }: Newcomer): Admission | undefined {
    const { peerId, offers } = this.#options;
    if (this.#timer === undefined || this.#keepsOut(remote.host)) return undefined;
    if (!this.#options.transports().has(transport)) return undefined;
    if (!accepts(this.#options.encryption(), encryption)) return undefined;
    const machine = isLoopback(remote.host) ? undefined : networkOf(remote.host);
    if (machine !== undefined && this.#places.mustWait(machine, crowded)) return undefined;
    if ((crowded || this.#places.full) && !this.#places.mayMakeRoom(machine, crowded)) return undefined;
    return {
      peerId,
      offers: offers(),
      v2: this.#options.hashes.v2,
      accept: (session) => {
        this.#incomingSeen = true;
        this.#join(session, 'incoming', crowded);
      },
    };
  }

  /** A peer that dialled us says where it listens: it is not dialled there while it is connected, whoever names it. */
  listens(session: PeerSession, endpoint: Endpoint): void {
    this.#listening.set(session, formatEndpoint(endpoint));
  }

  /**
   * A common peer has told this one to dial us now, and us to dial it: over uTP, from both sides at once (BEP 55). What is connected,
   * ours or banned is left alone.
   */
  punch(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    if (this.#timer === undefined || this.#places.full || this.#keepsOut(endpoint.host)) return;
    if (this.#siblingEndpoints.has(key) || this.#isHere(key)) return;
    const remote: FoundPeer = { ...endpoint, source: 'pex' };
    const counts = this.#dials.punch(remote, (result) => {
      // One that was no dial of the book's leaves its failures as they are.
      if ('reason' in result && counts !== true) this.#book.gone(remote);
      else this.#dialled(remote, result);
    });
    if (counts !== undefined) this.#book.dialling(remote);
  }

  /** The session is over. `traded`: a block was exchanged in it. */
  left(session: PeerSession, traded: boolean): void {
    this.#listening.delete(session);
    const machine = this.#places.left(session);
    if (machine === undefined) return;
    const now = this.#options.ports.clock.now();
    // Where all end at once, it is we who leave.
    if (this.#timer !== undefined) this.#visits.ended(machine, traded, now);
    if (!session.incoming) this.#book.gone(session.remote, now);
  }

  /** How often peers of this machine came and went lately with nothing exchanged. */
  visitsOf(machine: string): number {
    return this.#visits.of(machine, this.#options.ports.clock.now());
  }

  #dial(): void {
    const { ports, maxPeers, wanted } = this.#options;
    if (!wanted()) return;
    const free = Math.max(0, maxPeers() - this.#places.size);
    // A few places that some peer would leave count as free.
    const spare = free > MAX_FOR_TURNOVER || !this.#places.mayMakeRoom(undefined, false) ? 0 : MAX_FOR_TURNOVER;
    let room = Math.min(MAX_DIALS, Math.max(free, spare)) - this.#dials.size;
    if (room <= 0) return;
    const here = new Set(this.#listening.values());
    const { barred } = this.#options;
    const may = ({ host }: Endpoint): boolean =>
      !this.#places.mustWait(networkOf(host), false) && barred?.(host) !== true;
    for (const remote of this.#book.candidates(ports.clock.now(), Infinity, may)) {
      if (room === 0) break;
      const key = formatEndpoint(remote);
      if (this.#dials.has(key) || this.#siblingEndpoints.has(key) || here.has(key)) continue;
      if (!this.#dials.hasRoomAt(remote.host)) continue;
      room--;
      this.#book.dialling(remote);
      this.#dials.dial(remote, (result) => this.#dialled(remote, result), this.#wantsUtpFirst(remote));
    }
  }

  #dialled(remote: FoundPeer, result: PeerSession | DialFailure): void {
    const now = this.#options.ports.clock.now();
    if (!('reason' in result)) {
      this.#book.connected(remote);
      this.#join(result, remote.source, false);
    } else if (isOfProxy(result)) {
      // A proxy that is gone says nothing of the peer.
      this.#book.gone(remote, now);
    } else this.#book.failed(remote, now);
  }

  #wantsUtpFirst(remote: FoundPeer): boolean {
    const cameByUtp = remote.overUtp === true;
    const isOutside = this.#options.isSecluded(remote);
    if (!cameByUtp && !isOutside) return false;
    let overUtp = this.#dials.utpFirst;
    for (const { transport } of this.#places.sessions()) if (transport === 'utp') overUtp++;
    return wantsUtpFirst({ cameByUtp, reached: this.#incomingSeen, isOutside, overUtp, inVain: this.#dials.inVain });
  }

  #isHere(key: string): boolean {
    for (const { remote } of this.#places.sessions()) if (formatEndpoint(remote) === key) return true;
    for (const listening of this.#listening.values()) if (listening === key) return true;
    return false;
  }

  #join(session: PeerSession, source: PeerSourceKind, crowded: boolean): void {
    const { ports, peerId, joined } = this.#options;
    const id = session.peerId;
    // It may have been admitted or dialled before this pool was stopped, or its host banned.
    if (this.#timer === undefined || this.#keepsOut(session.remote.host)) return session.close();
    if (id === peerId || this.#siblings.has(id)) {
      if (!session.incoming) this.#book.forget(session.remote);
      session.close();
      return;
    }
    const now = ports.clock.now();
    const refuse = (): void => {
      // Dialled again later, as the place may be free, or the other connection gone, by then.
      if (!session.incoming) this.#book.failed(session.remote, now);
      session.close();
    };
    const twin = this.#places.twinOf(session);
    if (twin !== undefined) {
      // Both sides must close the same connection: if both dialled at once, the one dialled by the side with the smaller peer id.
      const crossed = twin.session.incoming !== session.incoming && now - twin.since < CROSSING;
      const keepNew = crossed && (session.incoming ? id > peerId : peerId > id);
      if (!keepNew) return refuse();
      this.#places.left(twin.session);
      if (!twin.session.incoming) this.#book.failed(twin.session.remote, now);
      twin.session.close();
    }
    const place = this.#places.take(session, crowded, now);
    if (place.kind === 'refused') return refuse();
    if (place.leaves !== undefined) {
      if (!place.leaves.incoming) this.#book.gone(place.leaves.remote);
      this.turnOut(place.leaves);
    }
    joined(session, source, this.#dials.isPunched(session));
  }
}

function isOfProxy({ reason }: DialFailure): boolean {
  return reason.kind === 'error' && reason.code.startsWith('EPROXY');
}
