import type { LinkSocket } from './link-socket.ts';
import {
  type Grant,
  LEASE,
  type MapOutcome,
  type MappingAsk,
  type MappingWay,
  type MapPorts,
  type Wanted,
} from './mapping.ts';
import { PROTOCOL_NUMBER, type Transport } from './transport.ts';
import { meaning } from './upnp-mapping.ts';
import { findServices, type UpnpService } from './upnp-router.ts';
import { NEVER } from '../ports/wait.ts';

/** What UPnP's firewall control says besides the codes of mappings. */
const FAULTS: Readonly<Record<number, string>> = {
  701: 'it has no room for further openings',
  702: 'its firewall is switched off',
  703: 'it does not let openings be made',
  704: 'it has no such opening',
  708: 'it does not take openings for everybody',
};

/** Openings in a router's IPv6 firewall by UPnP (WANIPv6FirewallControl 1): outer address and port are our own. */
export class Pinhole implements MappingWay {
  readonly checkEvery = 600_000;
  readonly #ports: MapPorts;
  readonly #link: LinkSocket;
  #service: UpnpService | undefined;
  readonly #ids = new Map<Transport, string>();

  constructor(ports: MapPorts, link: LinkSocket) {
    this.#ports = ports;
    this.#link = link;
  }

  async map(ask: MappingAsk, signal: AbortSignal): Promise<MapOutcome> {
    try {
      const service = (this.#service ??= (await findServices(this.#ports, this.#link, 'firewall6', signal))[0]);
      if (service === undefined) return { kind: 'silent' };
      const why = await this.#open(service, 'tcp', ask.tcp, signal);
      if (why !== undefined) return { kind: 'refused', by: 'upnp', why };
      signal.throwIfAborted();
      const udp = ask.udp !== undefined && (await this.#open(service, 'udp', ask.udp, signal)) === undefined;
      const { address } = this.#link.own;
      return {
        kind: 'granted',
        grant: { by: 'upnp', host: address, tcp: ask.tcp, udp: udp ? ask.udp : undefined, lifetime: LEASE },
      };
    } catch {
      await this.#giveBack(NEVER);
      this.#service = undefined;
      return { kind: 'silent' };
    }
  }

  async check(_: Grant, signal: AbortSignal): Promise<'there' | 'gone' | 'unknown'> {
    const id = this.#ids.get('tcp');
    if (this.#service === undefined || id === undefined) return 'unknown';
    const answer = await this.#service.call('GetPinholePackets', { UniqueID: id }, signal).catch(() => undefined);
    if (answer === undefined) return 'unknown';
    return answer.kind === 'fault' && answer.code === 704 ? 'gone' : 'there';
  }

  release(_: Grant, __: Wanted, signal: AbortSignal): Promise<void> {
    return this.#giveBack(signal);
  }

  async #giveBack(signal: AbortSignal): Promise<void> {
    const ids = [...this.#ids.values()];
    const service = this.#service;
    this.#ids.clear();
    if (service === undefined) return;
    await Promise.allSettled(ids.map((UniqueID) => service.call('DeletePinhole', { UniqueID }, signal)));
  }

  /** Makes an opening, or keeps it; why it could not be had, else undefined. */
  async #open(
    service: UpnpService,
    transport: Transport,
    port: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const had = this.#ids.get(transport);
    if (had !== undefined) {
      const kept = await service.call('UpdatePinhole', { UniqueID: had, NewLeaseTime: LEASE }, signal);
      if (kept.kind === 'answer') return undefined;
      this.#ids.delete(transport);
    }
    const values = {
      RemoteHost: '',
      RemotePort: 0,
      InternalClient: this.#link.own.address,
      InternalPort: port,
      Protocol: PROTOCOL_NUMBER[transport],
      LeaseTime: LEASE,
    };
    signal.throwIfAborted();
    // Not cut off: the router may have made it all the same, and only its answer says how to give it back.
    const answer = await service.call('AddPinhole', values, NEVER);
    if (answer.kind === 'fault') return FAULTS[answer.code] ?? meaning(answer.code);
    const id = answer.values.get('UniqueID') ?? '';
    if (!/^\d{1,5}$/.test(id)) return 'it does not say which opening it made';
    this.#ids.set(transport, id);
    return undefined;
  }
}
