import { millis } from '../base/ids.ts';
import { isUnicast, parseIp } from '../base/ip.ts';
import type { Timer } from '../ports/clock.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import { isOnLink, withoutZone } from './gateways.ts';
import type { MapPorts } from './mapping.ts';
import { decodeNatPmp } from './nat-pmp.ts';
import { decodePcp } from './pcp.ts';
import { readSsdp, SSDP_GROUP, SSDP_PORT, type SsdpDevice } from './ssdp.ts';
import { wait } from '../ports/wait.ts';

/** The router's port for PCP and NAT-PMP, and ours for what it announces. */
export const PMP_PORT = 5351;
const ANNOUNCE_PORT = 5350;
const ALL_HOSTS: Readonly<Record<4 | 6, string>> = { 4: '224.0.0.1', 6: 'ff02::1' };

/** RFC 6886, section 3.1: nine tries, the first answer within 250 ms, twice as long each time. RFC 6887 lets them be fewer. */
export const TRIES = 9;
const FIRST_WAIT = 250;
/** A router that tells of itself oftener is heard no oftener. */
const HEARD_AT_MOST_EVERY = 5_000;

/** What a router tells without being asked. */
export interface LinkEvents {
  /** It started, or its outer address changed. */
  announced(): void;
}

interface Asking {
  heard(data: Uint8Array): void;
}

/**
 * The UDP socket of one local address towards its router: requests of PCP and NAT-PMP and their repetitions, searches for devices, and
 * what the router announces. Only the router itself is listened to, and for searches only hosts of the same link.
 */
export class LinkSocket implements DatagramHandler {
  readonly own: LocalAddress;
  /** May bear a zone. */
  readonly gateway: string;
  readonly #clock: MapPorts['clock'];
  readonly #events: LinkEvents;
  readonly #asking = new Set<Asking>();
  #searching: ((device: SsdpDevice, from: string) => void) | undefined;
  #socket: DatagramSocket | undefined;
  /** Hears what is sent to groups. */
  #ears: DatagramSocket | undefined;
  #heardAt = -Infinity;
  #telling: Timer | undefined;

  private constructor(ports: MapPorts, own: LocalAddress, gateway: string, events: LinkEvents) {
    this.#clock = ports.clock;
    this.own = own;
    this.gateway = gateway;
    this.#events = events;
  }

  /** Rejects with EnsembleError('network') where the system refuses. */
  static async open(ports: MapPorts, own: LocalAddress, gateway: string, events: LinkEvents): Promise<LinkSocket> {
    const link = new LinkSocket(ports, own, gateway, events);
    const { family, address: localAddress } = own;
    const groups = [
      { host: ALL_HOSTS[family], port: ANNOUNCE_PORT },
      { host: SSDP_GROUP[family], port: SSDP_PORT },
    ];
    const open = (handler: DatagramHandler, options: object): Promise<DatagramSocket> =>
      ports.net.datagram({ family, localAddress, ...options }, handler);
    // A link without multicast has a router, too.
    link.#socket = await open(link, { multicast: { groups: [], ttl: 1 } }).catch(() => open(link, {}));
    // Apart from answers, which look the same. Another program may keep these ports for itself.
    const ears = { received: (data: Uint8Array, host: string) => link.#overheard(data, host) };
    link.#ears = await open(ears, { multicast: { groups, ttl: 1 } }).catch(() => undefined);
    return link;
  }

  /**
   * Asks the router until an answer fits; undefined: none came in all tries. `request` gives what is sent at a try, `fits` takes the
   * answer out of a datagram of the router.
   */
  async ask<T>(
    request: (attempt: number) => readonly Uint8Array[],
    fits: (data: Uint8Array) => T | undefined,
    signal: AbortSignal,
    tries = TRIES,
  ): Promise<T | undefined> {
    let answer: T | undefined;
    const over = new AbortController();
    const stop = (): void => over.abort();
    if (signal.aborted) return undefined;
    signal.addEventListener('abort', stop, { once: true });
    const asking: Asking = {
      heard: (data) => {
        answer ??= fits(data);
        if (answer !== undefined) over.abort();
      },
    };
    this.#asking.add(asking);
    for (let attempt = 0; attempt < tries && !over.signal.aborted; attempt++) {
      for (const data of request(attempt)) this.#socket?.send(data, this.gateway, PMP_PORT);
      await wait(this.#clock, FIRST_WAIT * 2 ** attempt, over.signal);
    }
    this.#asking.delete(asking);
    signal.removeEventListener('abort', stop);
    return answer;
  }

  /** Hears of devices that answer searches, from now on; undefined: no more. */
  onDevice(heard: ((device: SsdpDevice, from: string) => void) | undefined): void {
    this.#searching = heard;
  }

  /** Searches by multicast, and asks the router itself, for links where nothing else passes. */
  search(data: Uint8Array): void {
    this.#socket?.send(data, SSDP_GROUP[this.own.family], SSDP_PORT);
    this.#socket?.send(data.slice(), this.gateway, SSDP_PORT);
  }

  close(): void {
    this.#telling?.cancel();
    this.#socket?.close();
    this.#ears?.close();
    this.#socket = undefined;
  }

  received(data: Uint8Array, host: string, port: number): void {
    if (this.#socket === undefined) return;
    const ours = this.#isRouter(host);
    if (ours && port === PMP_PORT) for (const asking of this.#asking) asking.heard(data);
    else if (ours || (isOnLink(this.own, host) && isHost(host))) {
      const device = readSsdp(data);
      if (device?.notified === false) this.#searching?.(device, host);
    }
  }

  /** Something was sent to all of the link. */
  #overheard(data: Uint8Array, host: string): void {
    if (this.#socket === undefined || this.#telling !== undefined || !this.#isRouter(host)) return;
    const announcement = decodePcp(data)?.kind === 'announce' || decodeNatPmp(data)?.kind === 'address';
    if (!announcement && readSsdp(data)?.notified !== true) return;
    const due = Math.max(0, this.#heardAt + HEARD_AT_MOST_EVERY - this.#clock.now());
    this.#telling = this.#clock.after(millis(due), () => {
      this.#telling = undefined;
      this.#heardAt = this.#clock.now();
      this.#events.announced();
    });
  }

  #isRouter(host: string): boolean {
    return withoutZone(host) === withoutZone(this.gateway);
  }
}

function isHost(host: string): boolean {
  const ip = parseIp(withoutZone(host));
  return ip !== undefined && isUnicast(ip);
}
