import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash, TorrentKey } from '../base/ids.ts';
import { UdpExchanges } from '../discovery/udp-exchanges.ts';
import type { Admission } from '../peer/half-open.ts';
import { PeerListener } from '../peer/listener.ts';
import { diskCode } from '../ports/disk.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import type { Ports } from '../ports/ports.ts';
import { handshakeHash } from '../wire/handshake.ts';
import { SharedUdp } from './shared-udp.ts';

/** Pairs of a TCP and a UDP port that are tried where any will do. */
const PAIRS = 10;

export type ListenPorts = Pick<Ports, 'net' | 'clock' | 'interfaces'>;

/** A torrent, as the address that it is bound to sees it. */
export interface ListenUser {
  /** Who answers an incoming connection; undefined: nobody. `crowded`: only in the place of another incoming one. */
  admit(remote: Endpoint, crowded: boolean): Admission | undefined;
  /** It is listened for, from now on or again. */
  up(): void;
  /** It is not: the address is gone, or `error` says why the system refuses. */
  down(error: unknown): void;
}

interface Seat {
  readonly user: ListenUser;
  /** What the user was told last. */
  told: boolean | undefined;
}

/**
 * One local address (undefined: all of the machine) with all that is bound to it: the listener, and the UDP port of the same
 * number that trackers are asked from. It is open while torrents need it and the machine has the address; what goes with the
 * address comes back with it, on the same port (invariant 8).
 */
export class ListenSocket {
  readonly udp: SharedUdp;
  readonly udpTrackers: UdpExchanges;
  readonly #ports: ListenPorts;
  readonly #address: string | undefined;
  readonly #seats = new Map<TorrentKey, Seat>();
  /** By what stands in handshakes: a hybrid torrent is called by two names. */
  readonly #keys = new Map<InfoHash, TorrentKey>();
  #listener: PeerListener | undefined;
  #mapped: Endpoint | undefined;
  /** The wanted port, then the one that it had last. */
  #port = 0;
  #present = false;
  #error: unknown;
  /** Openings and closings follow each other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: ListenPorts, address: string | undefined) {
    this.#ports = ports;
    this.#address = address;
    this.udp = new SharedUdp(ports, address);
    this.udpTrackers = new UdpExchanges((data, host, port) => this.udp.send(data, host, port));
    this.udp.handle('tracker', this.udpTrackers);
  }

  /** Where it listens; undefined while it does not. */
  get local(): Endpoint | undefined {
    return this.#listener?.local;
  }

  /** Where others reach it, for trackers and peers: the outer end of a port mapping, else where it listens. */
  get announced(): Endpoint | undefined {
    return this.local === undefined ? undefined : (this.#mapped ?? this.local);
  }

  /** From now on it is announced like this; undefined: as it listens. */
  announceAs(mapped: Endpoint | undefined): void {
    this.#mapped = mapped;
  }

  /** Whether any torrent needs it. */
  get used(): boolean {
    return this.#seats.size > 0;
  }

  /** Listens for a torrent, which peers call by `hashes`, on `port` where it is the first and the port is free. Resolves when the user was told how that went. */
  join(key: TorrentKey, hashes: readonly InfoHash[], port: number, user: ListenUser): Promise<void> {
    if (!this.used) {
      if (port !== 0) this.#port = port;
      this.#present = this.#isPresent(this.#ports.interfaces.list());
    }
    for (const hash of hashes) this.#keys.set(handshakeHash(hash), key);
    this.#seats.set(key, { user, told: undefined });
    return this.#settle();
  }

  /** The torrent is not listened for any more; the last one closes everything. */
  leave(key: TorrentKey): Promise<void> {
    this.#seats.delete(key);
    for (const [hash, its] of this.#keys) if (its === key) this.#keys.delete(hash);
    return this.#settle();
  }

  /** Looks whether the machine, which has these addresses, has this one. Tries again where the system refused before. */
  check(local: readonly LocalAddress[]): void {
    this.#present = this.#isPresent(local);
    const open = this.local !== undefined;
    // Of a machine that lets nobody listen the torrents were told; they ask again when somebody wants them to.
    if (!this.used || (this.#address === undefined && !open)) return;
    if (this.#present !== open || (open && this.udp.port === undefined)) void this.#settle();
  }

  #settle(): Promise<void> {
    // What went wrong in one turn was told to who asked for it; the next one is made all the same.
    this.#turn = this.#turn.catch(() => {}).then(() => this.#adjust());
    return this.#turn;
  }

  /** Makes what is open what is to be open, and tells the torrents. */
  async #adjust(): Promise<void> {
    const wanted = this.used && this.#present;
    if (!wanted) await this.#close();
    else if (this.#listener === undefined) await this.#open();
    else if (this.udp.port === undefined) await this.#openUdp(0);
    const up = this.#listener !== undefined;
    for (const seat of this.#seats.values()) {
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
      // The port that was asked for is the one that others know, or that a firewall lets through: TCP keeps it.
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

  #isPresent(local: readonly LocalAddress[]): boolean {
    return this.#address === undefined || local.some((own) => own.address === this.#address);
  }

  #listen(port: number): Promise<PeerListener> {
    const options = { port, ...(this.#address === undefined ? {} : { address: this.#address }) };
    return PeerListener.open(this.#ports, options, (hash, ...from) => {
      const key = this.#keys.get(hash);
      return key === undefined ? undefined : this.#seats.get(key)?.user.admit(...from);
    });
  }

  /** The code of the refusal: without UDP there are fewer trackers, but peers all the same. */
  async #openUdp(port: number): Promise<string | undefined> {
    try {
      await this.udp.open(port);
      return undefined;
    } catch (error) {
      return diskCode(error) ?? 'EIO';
    }
  }

  async #close(): Promise<void> {
    this.udp.close();
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }
}
