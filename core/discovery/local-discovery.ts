import type { Endpoint } from '../base/endpoint.ts';
import { MAX_IDENTITIES } from '../base/bounds.ts';
import { type InfoHash, type Millis, millis } from '../base/ids.ts';
import { canonicalIp, parseIp } from '../base/ip.ts';
import type { Timer } from '../ports/clock.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import { deviceOf, type Interfaces, type LocalAddress } from '../ports/interfaces.ts';
import type { Ports } from '../ports/ports.ts';
import {
  dueLocalAnnounces,
  firstTurn,
  type LocalTorrent,
  nextLocalAnnounce,
} from '../strategy/peers/local-announces.ts';
import { decodeLocalAnnounce, encodeLocalAnnounce, LOCAL_GROUPS } from '../wire/local-announce.ts';

const BEAT = millis(1000);
/** How often it is looked for interfaces that came or went. */
const LOOK_EVERY = 30_000;
/** Datagrams of each socket that are looked at in a beat. */
const MOST_HEARD = 50;
/** No router passes them on: what we take part in is nobody's business elsewhere. */
const TTL = 1;

/** A torrent that takes part. */
export interface LocalUser {
  /** As in handshakes. */
  readonly infoHash: InfoHash;
  /** Where it listens; undefined while it does not. */
  port(): number | undefined;
  /** Somebody in the same network takes part in it too. */
  found(peer: Endpoint): void;
}

interface Seat {
  readonly user: LocalUser;
  readonly joinedAt: number;
  asked: boolean;
}

/** A local address by which torrents are announced. */
interface Outlet {
  readonly own: LocalAddress;
  readonly socket: DatagramSocket;
  readonly openedAt: number;
  /** When each torrent was announced from here, and by which sibling on this machine. */
  readonly announcedAt: Map<InfoHash, number>;
  readonly siblings: Map<InfoHash, NonNullable<LocalTorrent['sibling']>>;
  /** Datagrams since the last beat. */
  heard: number;
}

export interface LocalPorts extends Pick<Ports, 'net' | 'clock'> {
  readonly interfaces: Pick<Interfaces, 'list'>;
}

/** How an identity announces. */
export interface LocalIdentity {
  /** The address that it is bound to; undefined: each of the machine's interfaces is used. */
  readonly address: string | undefined;
  readonly identity: number;
  /** The same for all identities of this program, so that they know each other's announces. */
  cookie(): string;
}

/**
 * Local service discovery (BEP 14) from one address, or each interface, for all torrents of a process: sockets are there while
 * torrents use it. Where there is no multicast nothing happens.
 */
export class LocalDiscovery {
  readonly #ports: LocalPorts;
  readonly #self: LocalIdentity;
  readonly #seats = new Map<InfoHash, Seat>();
  /** By address; null while it is being opened. */
  readonly #outlets = new Map<string, Outlet | null>();
  #timer: Timer | undefined;
  #lookedAt = -Infinity;

  constructor(ports: LocalPorts, self: LocalIdentity) {
    this.#ports = ports;
    this.#self = self;
  }

  join(user: LocalUser): void {
    this.#seats.set(user.infoHash, { user, joinedAt: this.#ports.clock.now(), asked: false });
    this.#timer ??= this.#ports.clock.every(BEAT, () => this.#beat());
  }

  leave(user: LocalUser): void {
    if (this.#seats.get(user.infoHash)?.user !== user) return;
    this.#seats.delete(user.infoHash);
    for (const outlet of this.#outlets.values()) {
      outlet?.announcedAt.delete(user.infoHash);
      outlet?.siblings.delete(user.infoHash);
    }
    if (this.#seats.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#lookedAt = -Infinity;
    for (const address of this.#outlets.keys()) this.#close(address);
  }

  /** Announces it once more, as soon as that is allowed. */
  ask(user: LocalUser): void {
    const seat = this.#seats.get(user.infoHash);
    if (seat?.user === user) seat.asked = true;
  }

  /** When it is announced next; undefined: not at all. */
  nextAt(user: LocalUser): Millis | undefined {
    const seat = this.#seats.get(user.infoHash);
    let next: Millis | undefined;
    if (seat?.user !== user) return undefined;
    for (const outlet of this.#outlets.values()) {
      if (outlet === null) continue;
      const at = nextLocalAnnounce(this.#torrent(seat, outlet), this.#self.identity);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  #beat(): void {
    const now = this.#ports.clock.now();
    if (now - this.#lookedAt >= LOOK_EVERY) {
      this.#lookedAt = now;
      this.#look();
    }
    for (const outlet of this.#outlets.values()) if (outlet !== null) this.#announce(outlet, now);
  }

  #announce(outlet: Outlet, now: Millis): void {
    outlet.heard = 0;
    const torrents: LocalTorrent<Seat>[] = [];
    for (const seat of this.#seats.values()) {
      if (seat.user.port() !== undefined) torrents.push(this.#torrent(seat, outlet));
    }
    const { family } = outlet.own;
    const { identity } = this.#self;
    const group = LOCAL_GROUPS[family];
    const cookie = `${this.#self.cookie()}-${identity}`;
    for (const seat of dueLocalAnnounces(torrents, now, identity)) {
      const { infoHash } = seat.user;
      const port = seat.user.port();
      if (port === undefined) continue;
      outlet.announcedAt.set(infoHash, now);
      seat.asked = false;
      outlet.socket.send(encodeLocalAnnounce(family, port, infoHash, cookie), group.host, group.port);
    }
  }

  #torrent(seat: Seat, outlet: Outlet): LocalTorrent<Seat> {
    const { infoHash } = seat.user;
    return {
      id: seat,
      announcedAt: outlet.announcedAt.get(infoHash) ?? -Infinity,
      sibling: outlet.siblings.get(infoHash),
      notBefore: Math.max(seat.joinedAt, outlet.openedAt) + firstTurn(this.#self.identity),
      asked: seat.asked,
    };
  }

  /** Opens sockets on addresses that came, and closes those of addresses that went. */
  #look(): void {
    const wanted = this.#usable();
    for (const address of this.#outlets.keys()) if (!wanted.has(address)) this.#close(address);
    for (const [address, own] of wanted) if (!this.#outlets.has(address)) void this.#open(address, own);
  }

  /** The address that it is bound to, or one of each family of each interface. */
  #usable(): ReadonlyMap<string, LocalAddress> {
    const usable = new Map<string, LocalAddress>();
    const interfaces = new Set<string>();
    for (const own of this.#list()) {
      const { address, family, internal } = own;
      const plain = canonicalIp(address);
      const name = `${deviceOf(own)} ${family}`;
      if (internal || plain === undefined) continue;
      if (this.#self.address === undefined ? interfaces.has(name) : this.#self.address !== plain) continue;
      interfaces.add(name);
      usable.set(address, own);
    }
    return usable;
  }

  #list(): readonly LocalAddress[] {
    try {
      return this.#ports.interfaces.list();
    } catch {
      return [];
    }
  }

  async #open(address: string, own: LocalAddress): Promise<void> {
    this.#outlets.set(address, null);
    const { family } = own;
    let outlet: Outlet | undefined;
    const received = (data: Uint8Array, host: string): void => {
      if (outlet !== undefined) this.#received(outlet, data, host);
    };
    try {
      const multicast = { groups: [LOCAL_GROUPS[family]], ttl: TTL };
      const socket = await this.#ports.net.datagram({ family, localAddress: address, multicast }, { received });
      outlet = {
        own,
        socket,
        openedAt: this.#ports.clock.now(),
        announcedAt: new Map(),
        siblings: new Map(),
        heard: 0,
      };
      if (this.#outlets.get(address) === null && this.#seats.size > 0) this.#outlets.set(address, outlet);
      else socket.close();
    } catch {
      // No multicast there, or the address is gone: it is tried again at the next look.
      if (this.#outlets.get(address) === null) this.#outlets.delete(address);
    }
  }

  #close(address: string): void {
    this.#outlets.get(address)?.socket.close();
    this.#outlets.delete(address);
  }

  #received(outlet: Outlet, data: Uint8Array, host: string): void {
    if (++outlet.heard > MOST_HEARD || !isNeighbour(outlet.own, host)) return;
    const announce = decodeLocalAnnounce(data);
    if (announce === undefined) return;
    const { port, infoHashes, cookie } = announce;
    const sibling = this.#siblingOf(cookie);
    if (sibling === this.#self.identity) return;
    for (const infoHash of infoHashes) {
      const seat = this.#seats.get(infoHash);
      if (seat === undefined) continue;
      if (sibling === undefined) seat.user.found({ host, port });
      else outlet.siblings.set(infoHash, { at: this.#ports.clock.now(), identity: sibling });
    }
  }

  /** Which identity of this program has a cookie; undefined: it is another program's. */
  #siblingOf(cookie: string | undefined): number | undefined {
    const own = `${this.#self.cookie()}-`;
    const identity = cookie?.startsWith(own) === true ? cookie.slice(own.length) : '';
    return /^\d{1,2}$/.test(identity) && Number(identity) < MAX_IDENTITIES ? Number(identity) : undefined;
  }
}

/** Whether an address is in the same network as ours, as far as its size is known. */
function isNeighbour({ address, prefix }: LocalAddress, host: string): boolean {
  const own = parseIp(address);
  const other = parseIp(host);
  if (own === undefined || other === undefined || own.length !== other.length) return false;
  return own.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, (prefix ?? 0) - 8 * i));
    return ((byte ^ (other[i] ?? 0)) & (0xff00 >> bits) & 0xff) === 0;
  });
}
