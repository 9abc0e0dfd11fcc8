import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { isLoopback } from '../base/ip.ts';
import type { InfoHash, Millis, PeerId } from '../base/ids.ts';
import { shuffled } from '../base/shuffled.ts';
import { PeerBook } from '../discovery/peer-book.ts';
import { Connector, plainTcp } from '../peer/connector.ts';
import type { Admission } from '../peer/half-open.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { everySecond } from './every-second.ts';

/** Dials under way at once. */
const MAX_HALF_OPEN = 30;
/** Connections with one host: several clients may share an address, but one machine is not to take every place. */
const MAX_PER_HOST = 16;
/** Two connections to one peer that come this close together were dialled by both sides at once. */
const CROSSING = 10_000;

export interface PoolOptions {
  readonly ports: Pick<Ports, 'net' | 'clock' | 'random'>;
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly address?: string;
  maxPeers(): number;
  /** Whether more peers are wanted at all. */
  wanted(): boolean;
  /** A peer stands: both handshakes are through, it is no sibling and not there yet. */
  joined(session: PeerSession): void;
}

interface Member {
  readonly session: PeerSession;
  readonly since: Millis;
}

/**
 * Who is connected: dials and accepts within the limits, never itself, a sibling (A14), a banned peer, or the same peer twice.
 * The same is who has the same peer id at the same address: an id alone can be copied, to keep its owner out.
 */
export class PeerPool {
  readonly #options: PoolOptions;
  readonly #book = new PeerBook();
  readonly #connector: Connector;
  readonly #members = new Map<string, Member>();
  readonly #dials = new Map<string, { readonly dial: { cancel(): void }; readonly remote: Endpoint }>();
  readonly #siblings = new Set<PeerId>();
  #siblingEndpoints = new Set<string>();
  #dealt = new Map<string, Endpoint>();
  #timer: Timer | undefined;
  #incomingSeen = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#connector = new Connector(options.ports.clock, plainTcp(options.ports.net));
  }

  /** Connected ones. */
  get size(): number {
    return this.#members.size;
  }

  /** Whether any incoming connection came (B18: firewalled?). */
  get reachable(): boolean {
    return this.#incomingSeen;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    this.#timer ??= everySecond(this.#options.ports, () => this.#dial());
    this.#dial();
  }

  /** Stops dialling; closes what stands. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const { dial, remote } of this.#dials.values()) {
      dial.cancel();
      this.#book.gone(remote);
    }
    this.#dials.clear();
    for (const { session } of this.#members.values()) session.close();
  }

  /** From now on these are the peers to dial (A16), and no others; connections that stand stay. */
  setDealt(endpoints: readonly Endpoint[]): void {
    const dealt = new Map(endpoints.map((endpoint) => [formatEndpoint(endpoint), endpoint]));
    for (const [key, endpoint] of this.#dealt) {
      if (dealt.has(key)) continue;
      this.#dials.get(key)?.dial.cancel();
      this.#dials.delete(key);
      this.#book.forget(endpoint);
    }
    this.#dealt = dealt;
    const strangers = endpoints.filter((endpoint) => !this.#siblingEndpoints.has(formatEndpoint(endpoint)));
    // Several identities may have the same list: they are not all to knock at the same doors, in the same order, at once.
    this.#book.add(shuffled(strangers, this.#options.ports.random.uniform));
    if (this.#timer !== undefined) this.#dial();
  }

  setSiblings(peerIds: readonly PeerId[], endpoints: readonly Endpoint[]): void {
    this.#siblings.clear();
    for (const id of peerIds) this.#siblings.add(id);
    this.#siblingEndpoints = new Set(endpoints.map(formatEndpoint));
    for (const { session } of this.#members.values()) if (this.#siblings.has(session.peerId)) session.close();
  }

  /** This host never again in this run; and all connections with it end. */
  ban(host: string): void {
    this.#book.ban(host);
    for (const member of this.#members.values()) if (member.session.remote.host === host) member.session.close();
  }

  /** Neither side has anything to give: the connection ends, and is not made again for a while. */
  useless(session: PeerSession): void {
    if (!session.incoming) this.#book.useless(session.remote, this.#options.ports.clock.now());
    session.close();
  }

  /** There is something to fetch again: whom we parted with as useless is dialled. */
  wantAgain(): void {
    this.#book.wantAgain();
    if (this.#timer !== undefined) this.#dial();
  }

  /** The connection ends, and the peer is not dialled again unless it is dealt again. */
  giveUp(session: PeerSession): void {
    this.#dealt.delete(formatEndpoint(session.remote));
    this.#book.forget(session.remote);
    session.close();
  }

  /** For a listener: whether and as whom to answer an incoming connection. */
  admission(remote: Endpoint): Admission | undefined {
    const { maxPeers, peerId } = this.#options;
    if (this.#timer === undefined || this.#book.isBanned(remote.host) || this.#members.size >= maxPeers())
      return undefined;
    return {
      peerId,
      accept: (session) => {
        this.#incomingSeen = true;
        this.#join(session);
      },
    };
  }

  /** The session is over. */
  left(session: PeerSession): void {
    const key = memberKey(session);
    if (this.#members.get(key)?.session !== session) return;
    this.#members.delete(key);
    if (!session.incoming) this.#book.gone(session.remote, this.#options.ports.clock.now());
  }

  #dial(): void {
    const { ports, infoHash, peerId, address, maxPeers, wanted } = this.#options;
    if (!wanted()) return;
    const room = Math.min(MAX_HALF_OPEN - this.#dials.size, maxPeers() - this.#members.size - this.#dials.size);
    if (room <= 0) return;
    for (const remote of this.#book.candidates(ports.clock.now(), room)) {
      const key = formatEndpoint(remote);
      if (this.#dials.has(key) || this.#siblingEndpoints.has(key)) continue;
      this.#book.dialling(remote);
      let ended = false;
      const dial = this.#connector.connect(
        { remote, infoHash, peerId, ...(address === undefined ? {} : { localAddress: address }) },
        (result) => {
          ended = true;
          this.#dials.delete(key);
          if ('reason' in result) this.#book.failed(remote, ports.clock.now());
          else {
            this.#book.connected(remote);
            this.#join(result);
          }
        },
      );
      if (!ended) this.#dials.set(key, { dial, remote });
    }
  }

  #crowded(host: string): boolean {
    if (isLoopback(host)) return false;
    let count = 0;
    for (const { session } of this.#members.values()) if (session.remote.host === host) count++;
    return count >= MAX_PER_HOST;
  }

  #join(session: PeerSession): void {
    const { ports, peerId, maxPeers, joined } = this.#options;
    const id = session.peerId;
    // It may have been admitted or dialled before this one stopped, or before its host was banned.
    if (this.#timer === undefined || this.#book.isBanned(session.remote.host)) return session.close();
    if (id === peerId || this.#siblings.has(id)) {
      if (!session.incoming) this.#book.forget(session.remote);
      session.close();
      return;
    }
    const now = ports.clock.now();
    const refuse = (): void => {
      // Not lost for good: the place or the other connection may be gone by then.
      if (!session.incoming) this.#book.failed(session.remote, now);
      session.close();
    };
    const key = memberKey(session);
    const twin = this.#members.get(key);
    if (twin !== undefined) {
      // Both sides must close the same one: that dialled by the side with the smaller peer id, where they crossed.
      const crossed = twin.session.incoming !== session.incoming && now - twin.since < CROSSING;
      const keepNew = crossed && (session.incoming ? id > peerId : peerId > id);
      if (!keepNew) return refuse();
      this.#members.delete(key);
      if (!twin.session.incoming) this.#book.failed(twin.session.remote, now);
      twin.session.close();
    }
    if (this.#members.size >= maxPeers() || this.#crowded(session.remote.host)) return refuse();
    this.#members.set(key, { session, since: now });
    joined(session);
  }
}

function memberKey({ peerId, remote }: PeerSession): string {
  return `${peerId} ${remote.host}`;
}
