import type { EncryptionPolicy, TransportName } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash, Millis, TorrentKey } from '../base/ids.ts';
import { isLoopback } from '../base/ip.ts';
import { AddressVotes } from '../discovery/address-votes.ts';
import { Scraper } from '../discovery/scraper.ts';
import type { TrackerPorts } from '../discovery/tracker-client.ts';
import { UdpExchanges } from '../discovery/udp-exchanges.ts';
import { SecretBook } from '../mse/secrets.ts';
import type { Admission, Newcomer } from '../peer/half-open.ts';
import { PeerListener } from '../peer/listener.ts';
import { diskCode } from '../ports/disk.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import type { ResolvedAddress } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';
import type { MappingState } from '../portmap/link-mapping.ts';
import { handshakeHash } from '../wire/handshake.ts';
import { MappingWishes } from './mapping-wishes.ts';
import { SharedUdp } from './shared-udp.ts';
import { SocketMapping } from './socket-mapping.ts';
import { UtpSockets } from './utp-sockets.ts';
import { WayWatch } from './way-watch.ts';

/** How many pairs of a TCP and a UDP port of the same number are tried where any port will do. */
const PAIRS = 10;

export type ListenPorts = Pick<Ports, 'net' | 'clock' | 'interfaces' | 'random' | 'http'>;

/** A torrent that is bound to the address. */
export interface ListenUser {
  /** How its connections are encrypted. */
  encryption(): EncryptionPolicy;
  /** Whether its peers may come by this transport. */
  takes(transport: TransportName): boolean;
  /** Answers an incoming connection; undefined: not at all. */
  admit(newcomer: Newcomer): Admission | undefined;
  /** The socket listens for it, for the first time or again. */
  up(): void;
  /** The socket does not listen: the address is gone, or `error` says why the system refuses. */
  down(error: unknown): void;
  /** The routers that it names for links of which none is known; undefined: its port is not to be mapped. */
  readonly mapAt: readonly string[] | undefined;
  /** Others reach us at another port than they were told. */
  moved(): void;
  /** There is a way to the world again, or at last: since then there was none. */
  wayCame(since: Millis): void;
}

interface Seat {
  readonly user: ListenUser;
  /** By which peers call it, as handshakes have them. */
  readonly hashes: readonly InfoHash[];
  /** What it was told last. */
  told: boolean | undefined;
}

/**
 * One local address (undefined: all of the machine) with all that is bound to it: the listener, and the UDP port of the same
 * number, through which trackers are asked. It is open while torrents need it and the machine has the address; when the address
 * comes back, so does all of this, on the same port (invariant 8).
 */
export class ListenSocket {
  readonly udp: SharedUdp;
  readonly udpTrackers: UdpExchanges;
  /** Dials peers over uTP. */
  readonly utp: UtpSockets;
  /** How others see this address. */
  readonly external: AddressVotes = new AddressVotes();
  readonly #ports: ListenPorts;
  readonly #address: string | undefined;
  readonly #seats = new Map<TorrentKey, Seat>();
  /** Those that were not told yet whether it listens. */
  readonly #fresh = new Set<Seat>();
  /** Whether the others were told that it does. */
  #toldUp: boolean | undefined;
  readonly #wishes = new MappingWishes<TorrentKey>();
  /** Keys by the hash in handshakes, of which a hybrid torrent has two. */
  readonly #keys = new Map<InfoHash, TorrentKey>();
  readonly #secrets = new SecretBook();
  #listener: PeerListener | undefined;
  #scraper: Scraper | undefined;
  #trackerPorts: { readonly of: object; readonly all: TrackerPorts } | undefined;
  #saidNames = false;
  readonly #mapping: SocketMapping;
  readonly #way: WayWatch;
  /** What `announced` was when the torrents last heard of it. */
  #told: number | undefined;
  /** The wanted port, then the one that it had last. */
  #port = 0;
  #present = false;
  #error: unknown;
  /** Settles after the last opening or closing; they follow one another. */
  #turn: Promise<void> = Promise.resolve();
  /** The turn that has not begun yet. */
  #waiting: Promise<void> | undefined;

  /** `wayCame`: from this address there is a way to the world again, or at last. */
  constructor(ports: ListenPorts, address: string | undefined, wayCame: (socket: ListenSocket) => void) {
    this.#ports = ports;
    this.#address = address;
    this.udp = new SharedUdp(ports, address);
    this.udpTrackers = new UdpExchanges((data, host, port) => this.udp.send(data, host, port));
    this.udp.handle('tracker', this.udpTrackers);
    this.utp = new UtpSockets(this.udp, {
      ports,
      accepting: () => this.#listener !== undefined && this.#takes('utp'),
      accept: (connection) => this.#listener?.accept(connection),
    });
    this.#mapping = new SocketMapping(ports, address, () => this.#tellMove());
    this.#way = new WayWatch(ports, address, (since) => {
      this.#mapping.nudge();
      wayCame(this);
      for (const { user, told } of this.#seats.values()) if (told === true) user.wayCame(since);
    });
  }

  /** Whether it is worth finding out what `namesElsewhere` tells. */
  get mayAskElsewhere(): boolean {
    return this.#address !== undefined && !isLoopback(this.#address) && !this.#saidNames;
  }

  /** Resolves to a sentence, once, where names may be looked up over another link than this address'. Never rejects. */
  async namesElsewhere(): Promise<string | undefined> {
    const address = this.#address;
    if (address === undefined || !this.mayAskElsewhere) return undefined;
    if (await this.#ports.net.ownNameServers(address).catch(() => true)) return undefined;
    if (this.#saidNames) return undefined;
    this.#saidNames = true;
    return `the name servers of the link with ${address} are not known: the system looks names up, perhaps over another link`;
  }

  /** Addresses of a name, looked up by way of this address. */
  resolve(host: string): Promise<readonly ResolvedAddress[]> {
    return this.#ports.net.resolve(host, this.#address);
  }

  /** Asks trackers for numbers of peers, for all torrents of this address. */
  scraper(ports: Omit<TrackerPorts, 'udp'>): Scraper {
    return (this.#scraper ??= new Scraper(this.trackerPorts(ports), this.#address));
  }

  /** These ports with this socket for UDP trackers: the same object for all torrents. */
  trackerPorts(ports: Omit<TrackerPorts, 'udp'>): TrackerPorts {
    if (this.#trackerPorts?.of !== ports) {
      const { clock, http, net, random } = ports;
      this.#trackerPorts = { of: ports, all: { clock, http, net, random, udp: this.udpTrackers } };
    }
    return this.#trackerPorts.all;
  }

  /** Where it listens; undefined while it does not. */
  get local(): Endpoint | undefined {
    return this.#listener?.local;
  }

  /** Where others reach it, for trackers and peers: the outer end of a port mapping, else where it listens. */
  get announced(): Endpoint | undefined {
    return this.local === undefined ? undefined : (this.#mapping.outer ?? this.local);
  }

  /** How its mapping fares. */
  get mapping(): MappingState {
    return this.#mapping.state;
  }

  /** A torrent wants a mapping now, or no longer. */
  remap(key: TorrentKey): void {
    this.#wishes.set(key, this.#seats.get(key)?.user.mapAt);
    this.#map();
  }

  #map(): void {
    const { local } = this;
    if (!this.#present) this.#mapping.lose();
    else if (local === undefined || !this.#wishes.any) this.#mapping.rest();
    else this.#mapping.want({ tcp: local.port, udp: this.udp.port }, this.#wishes.gateways);
    this.#tellMove();
  }

  /** Gives its mapping back, for good. */
  unmap(): Promise<void> {
    return this.#mapping.close();
  }

  /** The process slept. */
  awoke(): void {
    this.#mapping.nudge();
  }

  /** Whether any torrent needs it. */
  get used(): boolean {
    return this.#seats.size > 0;
  }

  /**
   * Listens for a torrent, which peers call by `hashes`, on `port` where it is the first and the port is free. Resolves when the
   * user has been told the outcome.
   */
  join(key: TorrentKey, hashes: readonly InfoHash[], port: number, user: ListenUser): Promise<void> {
    if (!this.used) {
      if (port !== 0) this.#port = port;
      this.#present = this.#isPresent(this.#ports.interfaces.list());
    }
    const seat = { user, hashes: hashes.map(handshakeHash), told: undefined };
    for (const infoHash of seat.hashes) {
      this.#keys.set(infoHash, key);
      this.#secrets.add({ infoHash, policy: () => user.encryption() });
    }
    const before = this.#seats.get(key);
    if (before !== undefined) this.#fresh.delete(before);
    this.#seats.set(key, seat);
    this.#fresh.add(seat);
    this.#wishes.set(key, user.mapAt);
    return this.#settle();
  }

  /** Stops listening for a torrent; with the last one everything is closed. */
  leave(key: TorrentKey): Promise<void> {
    const seat = this.#seats.get(key);
    this.#seats.delete(key);
    this.#wishes.set(key, undefined);
    if (seat !== undefined) this.#fresh.delete(seat);
    for (const hash of seat?.hashes ?? []) {
      if (this.#keys.get(hash) !== key) continue;
      this.#keys.delete(hash);
      this.#secrets.delete(hash);
    }
    return this.#settle();
  }

  /** Checks whether this address is among those that the machine has, and unless it `rests` whether a way leads from there. Tries again where the system refused before. */
  check(local: readonly LocalAddress[], rests = false): void {
    this.#present = this.#isPresent(local);
    const open = this.local !== undefined;
    // If the system refuses to listen on all addresses, the torrents were told, and ask again when somebody wants them to.
    if (!this.used || (this.#address === undefined && !open)) return;
    const otherTcp = open && this.#listener?.overTcp !== this.#takes('tcp');
    if (this.#present !== open || otherTcp || (open && (this.udp.port === undefined || this.udp.isStale(local)))) {
      void this.#settle();
    }
    if (open && !rests) this.#way.look();
  }

  #settle(): Promise<void> {
    // One turn that waits is for all who ask meanwhile: thousands of torrents come at once.
    this.#waiting ??= this.#next();
    return this.#waiting;
  }

  #next(): Promise<void> {
    // A failure was reported to the caller of its turn; the next turn is made all the same.
    this.#turn = this.#turn
      .catch(() => {})
      .then(() => {
        this.#waiting = undefined;
        return this.#adjust();
      });
    return this.#turn;
  }

  /** Opens or closes as needed, and tells the torrents. */
  async #adjust(): Promise<void> {
    const wanted = this.used && this.#present;
    if (!wanted) await this.#close();
    else if (this.#listener === undefined) await this.#open();
    else if (this.udp.port !== undefined) await this.udp.follow();
    else if ((await this.#openUdp(this.#port)) === 'EADDRINUSE') await this.#openUdp(0);
    // Where the port is not free any more it is tried again with the next look.
    await this.#listener?.setOverTcp(this.#takes('tcp')).catch(() => {});
    this.#map();
    const up = this.#listener !== undefined;
    // Before they send anything, so that a way that comes a moment later is news.
    if (up && this.#toldUp !== true) this.#way.look();
    const others = up === this.#toldUp ? this.#fresh : this.#seats.values();
    this.#toldUp = up;
    for (const seat of others) {
      this.#fresh.delete(seat);
      if (seat.told === up) continue;
      seat.told = up;
      if (up) seat.user.up();
      else seat.user.down(this.#error);
    }
  }

  async #open(): Promise<void> {
    this.#error = undefined;
    const wanted = this.#port;
    for (let pair = 1; ; pair++) {
      const listener = await this.#listen(pair === 1 ? wanted : 0).catch((error: unknown) => {
        this.#error = error;
      });
      if (listener === undefined) return;
      const { port } = listener.local;
      const taken = (await this.#openUdp(port)) === 'EADDRINUSE';
      // Others may know the port that was asked for, or a firewall may let it through: TCP keeps it.
      if (taken && port !== wanted && pair < PAIRS) {
        await listener.close();
        continue;
      }
      if (taken) await this.#openUdp(0);
      this.#port = port;
      this.#listener = listener;
      return;
    }
  }

  /** Tells torrents that are up where they are reached, where that is another port than before. */
  #tellMove(): void {
    const port = this.announced?.port;
    if (port === this.#told) return;
    const first = this.#told === undefined;
    this.#told = port;
    if (first || port === undefined) return;
    for (const { user, told } of this.#seats.values()) if (told === true) user.moved();
  }

  /** Whether any torrent's peers may come by this transport. */
  #takes(transport: TransportName): boolean {
    for (const { user } of this.#seats.values()) if (user.takes(transport)) return true;
    return false;
  }

  #isPresent(local: readonly LocalAddress[]): boolean {
    return this.#address === undefined || local.some((own) => own.address === this.#address);
  }

  #listen(port: number): Promise<PeerListener> {
    const options = { port, ...(this.#address === undefined ? {} : { address: this.#address }) };
    const dispatch = (hash: InfoHash, newcomer: Newcomer): Admission | undefined => {
      const key = this.#keys.get(hash);
      return key === undefined ? undefined : this.#seats.get(key)?.user.admit(newcomer);
    };
    const encrypted = { random: this.#ports.random, secrets: this.#secrets };
    return PeerListener.open(this.#ports, options, dispatch, { encrypted, others: () => this.utp.standing });
  }

  /** Resolves to the error code where it is refused: without UDP there are fewer trackers, but still peers. */
  async #openUdp(port: number): Promise<string | undefined> {
    try {
      await this.udp.open(port);
      return undefined;
    } catch (error) {
      return diskCode(error) ?? 'EIO';
    }
  }

  async #close(): Promise<void> {
    this.#way.forget();
    this.utp.close();
    this.udp.close();
    // When it is back, its link may lead out elsewhere.
    this.external.forget();
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }
}
