import type { EncryptionPolicy, TransportName } from '../base/choices.ts';
import { type Endpoint, formatEndpoint, NO_PORT } from '../base/endpoint.ts';
import type { Millis, PeerId } from '../base/ids.ts';
import { isLoopback } from '../base/ip.ts';
import { fewOfAMachine, MAX_PER_MACHINE } from '../strategy/peers/few-of-a-machine.ts';
import { mayBePrivate, type NamedPeer, type PeerSourceKind } from '../base/peer-source.ts';
import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import { PeerSources } from '../discovery/peer-sources.ts';
import type { ConnectedBySource, SourceStatus } from '../engine/statuses.ts';
import type { Transport } from '../peer/connector.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { everySecond } from './every-second.ts';
import type { Extension } from './extension.ts';
import { Extensions } from './extensions.ts';
import { Holepunch } from './holepunch.ts';
import type { LinkHandler, LinkListener } from './link-handler.ts';
import { OwnAddresses } from './own-addresses.ts';
import { PeerExchange } from './peer-exchange.ts';
import { PeerLink } from './peer-link.ts';
import { PeerPool } from './peer-pool.ts';
import type { Self } from './self.ts';

/** Most requests of one peer that we keep (announced as `reqq`, BEP 10). */
export const REQUEST_QUEUE = 2000;
const NONE: ReadonlySet<number> = new Set();

/** A connection was made or is gone; `endpoint` is where the peer listens, as far as that is known. */
export interface PeerChange {
  readonly endpoint: Endpoint;
  readonly peerId: PeerId;
  readonly source: PeerSourceKind;
  readonly incoming: boolean;
  readonly connected: boolean;
}

/** What every swarm tells the identity that hosts it. */
export interface CoreEvents {
  peer(change: PeerChange): void;
  /** A source found these peers; the host of the swarm decides which of them to dial. */
  peersFound(source: PeerSourceKind, peers: readonly NamedPeer[]): void;
}

/** What every swarm needs, whatever it wants from its peers. */
export interface CoreOptions {
  readonly ports: Ports;
  readonly self: Self;
  /** Name and version, told to peers (BEP 10, `v`). */
  readonly client: string;
  /** How connections are encrypted; those that stand stay as they are. */
  readonly encryption: () => EncryptionPolicy;
  /** What carries connections with peers, in the order in which it is tried; those that stand stay. */
  readonly transports: () => ReadonlyMap<TransportName, Transport>;
  /** Whether peers are exchanged with peers now: see `SwarmCore.retuned`. */
  pex(): boolean;
  /** Whether uTP leaves from the port that peers are told of, so that holes can be punched (BEP 55); see `SwarmCore.retuned`. */
  punches(): boolean;
  /** Whether this peer lies further outside than our own address, so that routers lie between. */
  isOutside(remote: Endpoint): boolean;
  /** Whether nobody at this address is to be a peer; undefined: anybody may. */
  readonly barred?: ((host: string) => boolean) | undefined;
  /** Makes the sources of peers from what they need. */
  readonly sources: (needs: SourceNeeds) => readonly PeerSource[];
  readonly events: CoreEvents;
  /** Where peers tell of nodes in the DHT; undefined: nobody wants to know. */
  readonly dht?: SwarmDht;
}

/** The DHT as peers see it (BEP 5, "bittorrent protocol extension"). `local` is the address that the peer has us at. */
export interface SwarmDht {
  /** Whether it is used for this torrent now. */
  on(): boolean;
  /** The UDP port of our node there. */
  portAt(local: string): number | undefined;
  /** A peer has a node, perhaps. */
  heardOf(local: string, node: Endpoint): void;
  /** A peer reached us there. */
  reachedAt(local: string): void;
}

/** What one kind of swarm wants from its peers. */
export interface SwarmRole {
  /** The torrent is private (BEP 27); false also while that is not known. */
  readonly isPrivate: boolean;
  readonly extensions: readonly Extension[];
  maxPeers(): number;
  /** Whether more peers are wanted at all. */
  wanted(): boolean;
  /** Nothing is left to fetch. */
  complete(): boolean;
  /** Peers are told that nothing is wanted of them (BEP 21, `upload_only`). */
  uploadOnly?(): boolean;
  /** All places are taken: which of the peers that `may` leave makes room for a newcomer of this machine (`strategy/turnover.ts`). */
  makeRoom(
    newcomer: string | undefined,
    may: (session: PeerSession) => boolean,
    turn: boolean,
  ): PeerSession | undefined;
  totals(): ReturnType<SourceNeeds['totals']>;
  /** A peer is connected: sends what comes before the extension handshake, and makes the handler of its messages. */
  joined(link: PeerLink): LinkHandler;
  /** From now on its messages are handled. */
  heard?(link: PeerLink): void;
  /** Nothing from this host is accepted any more. */
  banned?(host: string): void;
  /** Once a second. */
  tick?(now: Millis): void;
}

/**
 * One client among the peers of one torrent: which peers it knows, dials, accepts and greets, and which extensions it offers.
 * Everything else is up to the role: to fetch and serve pieces (`Swarm`), or to fetch only the metadata (`MetadataSwarm`).
 */
export class SwarmCore implements LinkListener {
  /** Which peers are connected, dialled and let in. */
  readonly pool: PeerPool;
  readonly sources: PeerSources;
  readonly #options: CoreOptions;
  readonly #role: SwarmRole;
  readonly #extensions: Extensions;
  readonly #exchange: PeerExchange;
  readonly #holepunch: Holepunch;
  readonly #links = new Map<PeerLink, LinkHandler>();
  readonly #addresses: OwnAddresses;
  #pex: boolean;
  #punches: boolean;
  /** What peers were told last of whether we want something. */
  #uploadOnly = false;
  #isPrivate: boolean;
  #timer: Timer | undefined;

  constructor(options: CoreOptions, role: SwarmRole) {
    const { ports, self } = options;
    this.#options = options;
    this.#role = role;
    this.#pex = options.pex();
    this.#punches = options.punches();
    this.#isPrivate = role.isPrivate;
    this.#addresses = new OwnAddresses(self);
    this.#exchange = new PeerExchange({
      clock: ports.clock,
      wanted: () => this.#pex,
      links: () => this.#links.keys(),
      isSeed: (link) => this.#links.get(link)?.isSeed === true,
      seeding: () => role.complete(),
      isOurs: (endpoint) => this.#isOurs(endpoint),
      found: (peers) => options.events.peersFound('pex', peers),
      named: (by, message) => this.#holepunch.named(by, message),
    });
    this.#holepunch = new Holepunch({
      clock: ports.clock,
      offered: () => this.#punches,
      isSelf: (endpoint) => this.#addresses.isOurs(endpoint, NONE),
      isOurs: (endpoint) => this.#isOurs(endpoint),
      punch: (endpoint) => this.pool.punch(endpoint),
    });
    this.#extensions = new Extensions([...role.extensions, this.#exchange, this.#holepunch], role.isPrivate, {
      useless: ({ session }) => this.pool.turnOut(session),
      ban: ({ host }) => this.ban(host),
    });
    this.pool = new PeerPool({
      ports,
      hashes: self.hashes,
      peerId: self.peerId,
      offers: () => ({ fast: true, extended: true, dht: this.#dht !== undefined }),
      ...(self.address === undefined ? {} : { address: self.address }),
      encryption: () => options.encryption(),
      transports: () => options.transports(),
      isSecluded: (remote) =>
        this.#punches && !this.#isPrivate && self.mapping().kind !== 'mapped' && options.isOutside(remote),
      maxPeers: () => role.maxPeers(),
      wanted: () => role.wanted(),
      barred: options.barred,
      makeRoom: (newcomer, may, turn) => role.makeRoom(newcomer, may, turn),
      priorityOf: (remote) => this.#addresses.priorityOf(remote),
      unreachable: (remote) => {
        if (!this.#isPrivate) this.#holepunch.unreachable(remote);
      },
      joined: (session, source, punched) => this.#joined(session, source, punched),
    });
    const sources = options.sources({
      complete: () => role.complete(),
      peerCount: () => this.pool.size,
      totals: () => role.totals(),
      found: (source, endpoints) => options.events.peersFound(source, fewOfAMachine(endpoints, MAX_PER_MACHINE)),
    });
    this.sources = new PeerSources(sources, role.isPrivate);
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Joins the swarm: announces `started`, dials. */
  start(): void {
    const { ports } = this.#options;
    this.#uploadOnly = this.#role.uploadOnly?.() === true;
    this.#timer ??= everySecond(ports, () => {
      const now = ports.clock.now();
      this.#role.tick?.(now);
      this.#tellUploadOnly();
      this.#extensions.tick(now);
    });
    this.pool.start();
    this.sources.start();
  }

  /** Closes all connections; dials and accepts nobody from now on. */
  halt(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.pool.stop();
  }

  /** Announces `stopped`; bounded to 3 s. */
  farewell(): Promise<void> {
    return this.sources.stop();
  }

  /** This host lied to us or to a sibling: ends all connections with it, and makes none again in this run. */
  ban(host: string): void {
    this.#role.banned?.(host);
    this.pool.ban(host);
  }

  /** The tuning is another one: ways to peers may have been switched on or off. */
  retuned(): void {
    this.sources.retuned();
    const [pex, punches] = [this.#options.pex(), this.#options.punches()];
    if (pex === this.#pex && punches === this.#punches) return;
    this.#pex = pex;
    this.#punches = punches;
    for (const link of this.#links.keys()) if (link.session.extended) this.#sendHandshake(link, true);
  }

  /** It became known that the torrent is private (BEP 27): all peers go that neither its trackers nor the user named. */
  becomePrivate(): void {
    this.#isPrivate = true;
    this.#extensions.becomePrivate();
    this.sources.becomePrivate();
    this.pool.forgetUnless(mayBePrivate);
    for (const link of this.#links.keys()) if (!mayBePrivate(link.source)) link.session.close();
  }

  /** How many peers are connected, by who named them. */
  connected(): ConnectedBySource {
    const out: Partial<Record<PeerSourceKind, number>> = {};
    for (const { source } of this.#links.keys()) out[source] = (out[source] ?? 0) + 1;
    return out;
  }

  /** How its sources of peers fare. */
  sourceStatus(): readonly SourceStatus[] {
    return [...this.sources.status(), ...(this.#pex && !this.#isPrivate ? [this.#exchange.status()] : [])];
  }

  extended(link: PeerLink, id: number, payload: Uint8Array): void {
    const known = link.handshake !== undefined;
    this.#extensions.received(link, id, payload);
    if (link.handshake === undefined) return;
    if (!known) this.#reportListening(link);
    const { yourIp } = link.handshake;
    if (yourIp !== undefined && this.#addresses.heard(link.host, yourIp)) this.#rerank();
  }

  /** A node that is none is dropped by the DHT; one a connection is all that a peer can have there. */
  port(link: PeerLink, port: number): void {
    const { remote, local } = link.session;
    if (link.dhtPort !== undefined || port === 0) return;
    link.dhtPort = port;
    this.#dht?.heardOf(local.host, { host: remote.host, port });
  }

  left(link: PeerLink): void {
    this.#links.delete(link);
    this.#extensions.left(link);
    this.pool.left(link.session, link.traded);
    this.#report(link, false);
  }

  #joined(session: PeerSession, source: PeerSourceKind, punched: boolean): void {
    const link = new PeerLink(session, source, punched);
    link.priority = this.#addresses.priorityOf(link.endpoint);
    this.#report(link, true);
    const handler = this.#role.joined(link);
    this.#links.set(link, handler);
    if (session.extended) this.#greet(link);
    this.#tellDht(session);
    session.start(handler);
    this.#role.heard?.(link);
    session.flush();
  }

  /** It is us, or a sibling. */
  #isOurs(endpoint: Endpoint): boolean {
    return this.pool.isSibling(endpoint) || this.#addresses.isOurs(endpoint, this.pool.siblingPorts);
  }

  /** The DHT, where this torrent may use it: a private one never does, and does not hint at it either (E13). */
  get #dht(): SwarmDht | undefined {
    const { dht } = this.#options;
    return !this.#isPrivate && dht?.on() === true ? dht : undefined;
  }

  #tellDht(session: PeerSession): void {
    const dht = this.#dht;
    const { host } = session.local;
    if (session.incoming && !isLoopback(session.remote.host)) dht?.reachedAt(host);
    const port = session.dht ? dht?.portAt(host) : undefined;
    if (port !== undefined) session.sendPort(port);
  }

  /** Sends our extension handshake right after the connection was made (BEP 10, "handshake message"). */
  #greet(link: PeerLink): void {
    this.#extensions.join(link);
    this.#sendHandshake(link, false);
  }

  /** Something is wanted of peers now, or nothing any more. */
  #tellUploadOnly(): void {
    const now = this.#role.uploadOnly?.() === true;
    if (now === this.#uploadOnly) return;
    this.#uploadOnly = now;
    for (const link of this.#links.keys()) if (link.session.extended) this.#sendHandshake(link, true);
  }

  #sendHandshake(link: PeerLink, again: boolean): void {
    const { self, client } = this.#options;
    const port = self.announced()?.port;
    link.session.sendExtended(
      0,
      encodeExtensionHandshake({
        ...this.#extensions.handshake(again),
        client,
        requestQueue: REQUEST_QUEUE,
        yourIp: link.host,
        ...((again || this.#uploadOnly) && { uploadOnly: this.#uploadOnly }),
        ...(port === undefined || port === NO_PORT ? {} : { port }),
      }),
    );
  }

  /** It is better known now how peers see us. */
  #rerank(): void {
    this.pool.rerank();
    for (const link of this.#links.keys()) link.priority = this.#addresses.priorityOf(link.endpoint);
  }

  /** Reports that a peer's connection was made or is gone, under the endpoint by which the peer is known. */
  #report({ session, source, reported }: PeerLink, connected: boolean): void {
    const { peerId, incoming } = session;
    this.#options.events.peer({ endpoint: reported, peerId, source, incoming, connected });
  }

  /** A peer that dialled us said where it listens: from now on it is known by that endpoint, so that no sibling dials it (A16). */
  #reportListening(link: PeerLink): void {
    if (formatEndpoint(link.endpoint) === formatEndpoint(link.reported)) return;
    this.pool.listens(link.session, link.endpoint);
    this.#report(link, false);
    link.reported = link.endpoint;
    this.#report(link, true);
  }
}
