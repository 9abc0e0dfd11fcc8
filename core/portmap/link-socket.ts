import { isUnicast, parseIp } from '../base/ip.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import { isOnLink, withoutZone } from './gateways.ts';
import type { MapPorts } from './mapping.ts';
import { decodeNatPmp } from './nat-pmp.ts';
import { decodePcp } from './pcp.ts';
import { readSsdp, SSDP_GROUP, SSDP_PORT, type SsdpDevice } from './ssdp.ts';
import { wait } from './wait.ts';

/** The router's port for PCP and NAT-PMP, and ours for what it announces. */
export const PMP_PORT = 5351;
const ANNOUNCE_PORT = 5350;
const ALL_HOSTS: Readonly<Record<4 | 6, string>> = { 4: '224.0.0.1', 6: 'ff02::1' };

/** RFC 6886, section 3.1: nine tries, the first answer within 250 ms, twice as long each time. RFC 6887 lets them be fewer. */
export const TRIES = 9;
const FIRST_WAIT = 250;
/** Nobody's router tells of itself oftener. */
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
  #heardAt = -Infinity;

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
    const open = (multicast: object): Promise<DatagramSocket> =>
      ports.net.datagram({ family, localAddress, ...multicast }, link);
    // Where another program keeps these ports for itself, or the link has no multicast, the router can still be asked.
    link.#socket = await open({ multicast: { groups, ttl: 1 } }).catch(() =>
      open({ multicast: { groups: [], ttl: 1 } }).catch(() => open({})),
    );
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
    this.#socket?.close();
    this.#socket = undefined;
  }

  received(data: Uint8Array, host: string, port: number): void {
    if (this.#socket === undefined) return;
    const ours = withoutZone(host) === withoutZone(this.gateway);
    if (ours && port === PMP_PORT) {
      // What it announces comes by multicast, but looks like an answer; whoever asks takes what fits.
      const announcement = decodePcp(data)?.kind === 'announce' || decodeNatPmp(data)?.kind === 'address';
      const asked = this.#asking.size > 0;
      for (const asking of this.#asking) asking.heard(data);
      if (announcement && !asked) this.#announced();
      return;
    }
    if (!ours && !(isOnLink(this.own, host) && isHost(host))) return;
    const device = readSsdp(data);
    if (device === undefined) return;
    if (!device.notified) this.#searching?.(device, host);
    else if (ours) this.#announced();
  }

  #announced(): void {
    const now = this.#clock.now();
    if (now - this.#heardAt < HEARD_AT_MOST_EVERY) return;
    this.#heardAt = now;
    this.#events.announced();
  }
}

function isHost(host: string): boolean {
  const ip = parseIp(withoutZone(host));
  return ip !== undefined && isUnicast(ip);
}
