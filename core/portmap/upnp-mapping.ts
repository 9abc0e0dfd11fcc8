import { isUnicast, parseIp } from '../base/ip.ts';
import { UPNP_FAULTS } from './igd.ts';
import type { LinkSocket } from './link-socket.ts';
import {
  type Grant,
  LEASE,
  LONGEST_LEASE,
  type MapOutcome,
  type MappingAsk,
  type MappingWay,
  type MapPorts,
  type Wanted,
} from './mapping.ts';
import type { Transport } from './transport.ts';
import { findServices, type UpnpService } from './upnp-router.ts';

/** Other outer ports that are tried where one is taken. */
const OTHER_PORTS = 4;
/** Among these: not a service's, and not those that systems take for outgoing connections. */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;
const ONLY_PERMANENT = 725;
const SAME_PORTS = 724;
/** Another machine has the port, or the router says no more than that it failed. */
const OTHER_PORT: ReadonlySet<number> = new Set([501, 718, 729]);
/** What routers answer for an entry that is not there. */
const NO_ENTRY: ReadonlySet<number> = new Set([713, 714]);

/** What a router says of an outer port. */
type Entry =
  { readonly kind: 'ours'; readonly lease: number | undefined } | { readonly kind: 'free' | 'taken' | 'unknown' };

type Added =
  { readonly kind: 'added'; readonly lease: number } | { readonly kind: 'other-port' | 'fault'; readonly code: number };

/**
 * Mappings by UPnP (WANIPConnection 1 and 2, WANPPPConnection). Routers replace a mapping of the same machine without a word, so an
 * outer port is looked at before it is taken, and read back after.
 */
export class UpnpMapping implements MappingWay {
  readonly checkEvery = 600_000;
  readonly #ports: MapPorts;
  readonly #link: LinkSocket;
  #service: UpnpService | undefined;
  #permanent = false;

  constructor(ports: MapPorts, link: LinkSocket) {
    this.#ports = ports;
    this.#link = link;
  }

  async map(ask: MappingAsk, signal: AbortSignal): Promise<MapOutcome> {
    try {
      return await this.#map(ask, signal);
    } catch {
      // It does not answer any more, or nothing that can be read: it is searched for again the next time.
      this.#service = undefined;
      return { kind: 'silent' };
    }
  }

  async check(grant: Grant, signal: AbortSignal): Promise<'there' | 'gone' | 'unknown'> {
    const service = this.#service;
    if (service === undefined || this.#inner === undefined) return 'unknown';
    try {
      const entry = await this.#entry(service, 'tcp', grant.tcp, this.#inner, signal);
      if (entry.kind === 'free' || entry.kind === 'taken') return 'gone';
      return (await outerAddress(service, signal)) === grant.host ? 'there' : 'gone';
    } catch {
      return 'unknown';
    }
  }

  async release(grant: Grant, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const service = this.#service;
    if (service === undefined) return;
    const remove = async (transport: Transport, outer: number, inner: number): Promise<void> => {
      // Somebody else's by now is not ours to end.
      if ((await this.#entry(service, transport, outer, inner, signal)).kind === 'taken') return;
      await service.call('DeletePortMapping', { ...key(transport, outer) }, signal);
    };
    const all = [remove('tcp', grant.tcp, wanted.tcp)];
    if (grant.udp !== undefined && wanted.udp !== undefined) all.push(remove('udp', grant.udp, wanted.udp));
    await Promise.allSettled(all);
  }

  #inner: number | undefined;

  async #map(ask: MappingAsk, signal: AbortSignal): Promise<MapOutcome> {
    this.#inner = ask.tcp;
    const service = (this.#service ??= await connected(
      await findServices(this.#ports, this.#link, 'connection', signal),
      signal,
    ));
    if (service === undefined) return { kind: 'silent' };
    const host = await outerAddress(service, signal);
    let outer = ask.outer;
    let code = 0;
    for (let attempt = 0; attempt <= OTHER_PORTS && !signal.aborted; attempt++) {
      const tcp = await this.#add(service, 'tcp', outer, ask.tcp, signal);
      if (tcp.kind === 'fault') return { kind: 'refused', by: 'upnp', why: meaning(tcp.code) };
      const last = attempt === OTHER_PORTS;
      if (tcp.kind === 'added') {
        const udp = ask.udp === undefined ? undefined : await this.#add(service, 'udp', outer, ask.udp, signal);
        if (udp === undefined || udp.kind === 'added' || udp.kind === 'fault' || last) {
          const lease = Math.min(tcp.lease, udp?.kind === 'added' ? udp.lease : Infinity);
          const mapped = udp?.kind === 'added' ? outer : undefined;
          return { kind: 'granted', grant: { by: 'upnp', host, tcp: outer, udp: mapped, lifetime: lease } };
        }
        // Peers are told one port for both.
        await service.call('DeletePortMapping', key('tcp', outer), signal);
        code = udp.code;
      } else code = tcp.code;
      outer = code === SAME_PORTS ? ask.tcp : this.#otherPort();
    }
    return { kind: 'refused', by: 'upnp', why: meaning(code) };
  }

  async #add(
    service: UpnpService,
    transport: Transport,
    outer: number,
    inner: number,
    signal: AbortSignal,
  ): Promise<Added> {
    if ((await this.#entry(service, transport, outer, inner, signal)).kind === 'taken')
      return { kind: 'other-port', code: 718 };
    const call = (lease: number): ReturnType<UpnpService['call']> =>
      service.call(
        'AddPortMapping',
        {
          ...key(transport, outer),
          NewInternalPort: inner,
          NewInternalClient: this.#link.own.address,
          NewEnabled: 1,
          NewPortMappingDescription: 'Ensemble',
          NewLeaseDuration: lease,
        },
        signal,
      );
    let answer = await call(this.#permanent ? 0 : LEASE);
    if (answer.kind === 'fault' && answer.code === ONLY_PERMANENT && !this.#permanent) {
      this.#permanent = true;
      answer = await call(0);
    }
    if (answer.kind === 'fault') {
      const other = OTHER_PORT.has(answer.code) || (answer.code === SAME_PORTS && outer !== inner);
      return { kind: other ? 'other-port' : 'fault', code: answer.code };
    }
    const entry = await this.#entry(service, transport, outer, inner, signal);
    if (entry.kind === 'taken') return { kind: 'other-port', code: 718 };
    // It said yes, and has nothing.
    if (entry.kind === 'free') return { kind: 'fault', code: 714 };
    const lease = entry.kind === 'ours' ? entry.lease : undefined;
    return { kind: 'added', lease: Math.min(lease === undefined || lease === 0 ? LEASE : lease, LONGEST_LEASE) };
  }

  async #entry(
    service: UpnpService,
    transport: Transport,
    outer: number,
    inner: number,
    signal: AbortSignal,
  ): Promise<Entry> {
    const answer = await service.call('GetSpecificPortMappingEntry', key(transport, outer), signal);
    if (answer.kind === 'fault') return { kind: NO_ENTRY.has(answer.code) ? 'free' : 'unknown' };
    const client = answer.values.get('NewInternalClient');
    const port = Number(answer.values.get('NewInternalPort'));
    if (client === undefined || client === '') return { kind: 'free' };
    if (client !== this.#link.own.address || port !== inner) return { kind: 'taken' };
    const lease = Number(answer.values.get('NewLeaseDuration'));
    return { kind: 'ours', lease: Number.isInteger(lease) && lease >= 0 ? lease : undefined };
  }

  #otherPort(): number {
    return FIRST_PORT + Math.floor(this.#ports.random.uniform() * (LAST_PORT + 1 - FIRST_PORT));
  }
}

function key(transport: Transport, outer: number): Record<string, string | number> {
  return { NewRemoteHost: '', NewExternalPort: outer, NewProtocol: transport.toUpperCase() };
}

/** Of several services the one that has an outer address: routers describe lines that nobody uses. */
async function connected(services: readonly UpnpService[], signal: AbortSignal): Promise<UpnpService | undefined> {
  for (const service of services) {
    if ((await outerAddress(service, signal).catch(() => undefined)) !== undefined) return service;
  }
  return services[0];
}

/** Undefined where the router has none, or does not tell: an empty one is an answer too. */
async function outerAddress(service: UpnpService, signal: AbortSignal): Promise<string | undefined> {
  const answer = await service.call('GetExternalIPAddress', {}, signal);
  const text = answer.kind === 'answer' ? (answer.values.get('NewExternalIPAddress') ?? '') : '';
  const ip = parseIp(text);
  return ip !== undefined && isUnicast(ip) ? text : undefined;
}

export function meaning(code: number): string {
  return UPNP_FAULTS[code] ?? `it answers with code ${code}`;
}
