import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { formatIp, parseIp, familyOf } from '../base/ip.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import type { HttpPost, HttpRequest, HttpResponse } from '../ports/http.ts';
import type { Clock } from '../ports/clock.ts';
import type { SimHttp } from './http.ts';
import type { Nat, NatProtocol } from './nat.ts';
import type { SimHost } from './net-host.ts';

const PMP_PORT = 5351;

/** How a router fares and behaves; tests may change it at any time. */
export interface RouterMood {
  pcp: boolean;
  natPmp: boolean;
  upnp: boolean;
  /** It answers nothing at all. */
  hangs: boolean;
  /** Result of all mappings by PCP and NAT-PMP; 0: it makes them. */
  result: number;
  /** Fault of AddPortMapping; 0: it makes them. */
  fault: number;
  /** Seconds; it gives no longer ones. */
  longest: number;
  /** Makes no mapping but says so. */
  lies: boolean;
  /** It answers from another of its addresses. */
  elsewhere: boolean;
  outer: string;
  /** The fault of reading an entry that is not there. */
  noEntry: number;
  /** What its description is; undefined: as it should be. */
  description: string | undefined;
  /** Where it says that its description lies. */
  location: string;
}

interface Entry {
  readonly client: string;
  readonly inner: number;
  readonly ends: number;
  readonly nonce: string;
}

/** A router in a simulated network, with PCP, NAT-PMP and UPnP, which opens the outer ports of the NAT box that it is. */
export class SimRouter {
  readonly mood: RouterMood;
  /** By `tcp 6881`. */
  readonly entries = new Map<string, Entry>();
  /** Everything that it was asked, such as `pcp map tcp 6881` or `upnp AddPortMapping 6881 TCP`. */
  readonly asked: string[] = [];
  /** PCP refuses whoever does not know the nonce of a mapping (RFC 6887, section 11.3). */
  ownersOnly = false;
  readonly address: string;
  readonly #clock: Clock;
  readonly #nat: Nat | undefined;
  #pmp: DatagramSocket | undefined;
  #elsewhere: DatagramSocket | undefined;
  #ssdp: DatagramSocket | undefined;
  /** When it forgot everything. */
  #since = 0;

  private constructor(clock: Clock, host: SimHost, nat: Nat | undefined, mood: Partial<RouterMood>) {
    this.#clock = clock;
    this.#nat = nat;
    const [own] = host.list();
    this.address = own?.address ?? '';
    this.mood = {
      pcp: true,
      natPmp: true,
      upnp: true,
      hangs: false,
      result: 0,
      fault: 0,
      longest: 604_800,
      lies: false,
      elsewhere: false,
      outer: nat?.outer ?? '198.51.100.1',
      noEntry: 714,
      description: undefined,
      location: `http://${this.address}:5000/root.xml`,
      ...mood,
    };
  }

  static async start(
    clock: Clock,
    host: SimHost,
    http: SimHttp,
    nat: Nat | undefined,
    mood: Partial<RouterMood> = {},
  ): Promise<SimRouter> {
    const router = new SimRouter(clock, host, nat, mood);
    const [own, other] = host.list();
    if (own === undefined) throw new Error('a router needs an address');
    const at = (address: string, port: number, heard: (data: Uint8Array, from: string, port: number) => void) =>
      host.datagram({ family: 4, localAddress: address, port }, { received: heard });
    router.#pmp = await at(own.address, PMP_PORT, (...from) => router.#answer(...from));
    if (other !== undefined) router.#elsewhere = await at(other.address, PMP_PORT, () => {});
    router.#ssdp = await host.datagram(
      {
        family: 4,
        localAddress: own.address,
        port: 1900,
        multicast: { ttl: 2, groups: [{ host: '239.255.255.250', port: 1900 }] },
      },
      { received: (data, from, port) => router.#search(new TextDecoder().decode(data), from, port) },
    );
    http.on(`http://${own.address}:5000/root.xml`, () => router.#describe(), own.address);
    http.on(`http://${own.address}:5000/ctl`, (request) => router.#call(request), own.address);
    return router;
  }

  /** Forgets everything; `tells`: announces that it is back. */
  restart(tells: boolean): void {
    for (const key of this.entries.keys()) this.#drop(key);
    this.#since = this.#clock.now();
    if (!tells) return;
    if (this.mood.pcp) this.#pmp?.send(this.#pcpHeader(0x80, 0, 0), '224.0.0.1', 5350);
    if (this.mood.natPmp) this.#pmp?.send(this.#outerAddress(), '224.0.0.1', 5350);
    if (this.mood.upnp) this.#notify();
  }

  /** The machine behind an outer port. */
  behind(protocol: NatProtocol, outer: number): Entry | undefined {
    const entry = this.entries.get(`${protocol} ${outer}`);
    if (entry !== undefined && entry.ends <= this.#clock.now()) this.#drop(`${protocol} ${outer}`);
    return this.entries.get(`${protocol} ${outer}`);
  }

  /** Another machine of the network has this port. */
  occupy(protocol: NatProtocol, outer: number, client = '192.168.1.77', inner = outer): void {
    this.#enter(protocol, outer, client, inner, Infinity, 'other');
  }

  #enter(protocol: NatProtocol, outer: number, client: string, inner: number, seconds: number, nonce: string): void {
    if (this.mood.lies) return;
    const key = `${protocol} ${outer}`;
    this.#nat?.endForward(protocol, outer);
    this.#nat?.forward(protocol, outer, { host: client, port: inner }, this.#clock.now());
    this.entries.set(key, { client, inner, ends: this.#clock.now() + 1000 * seconds, nonce });
  }

  #drop(key: string): void {
    this.entries.delete(key);
    const [protocol, port] = key.split(' ');
    this.#nat?.endForward(protocol as NatProtocol, Number(port));
  }

  get #epoch(): number {
    return Math.floor((this.#clock.now() - this.#since) / 1000);
  }

  #reply(data: Uint8Array, host: string, port: number): void {
    (this.mood.elsewhere ? this.#elsewhere : this.#pmp)?.send(data, host, port);
  }

  #answer(data: Uint8Array, from: string, port: number): void {
    const { hangs, pcp, natPmp } = this.mood;
    if (hangs) return;
    if (data[0] === 2 && pcp) return this.#answerPcp(data, from, port);
    if (data[0] === 2 && natPmp) return this.#reply(this.#older(data[1] ?? 0, 1, 8), from, port);
    if (data[0] === 0 && natPmp) return this.#answerNatPmp(data, from, port);
  }

  #pcpHeader(operation: number, result: number, lifetime: number, length = 24): Uint8Array {
    const out = new Uint8Array(length);
    out.set([2, operation, 0, result]);
    writeU32(out, 4, lifetime);
    writeU32(out, 8, this.#epoch);
    return out;
  }

  #answerPcp(data: Uint8Array, from: string, port: number): void {
    if (data[1] === 0) return this.#reply(this.#pcpHeader(0x80, 0, 0), from, port);
    const transport = data[36] === 6 ? 'tcp' : 'udp';
    const [inner, wanted, asked] = [readU16(data, 40), readU16(data, 42), readU32(data, 4)];
    const nonce = data.slice(24, 36).join();
    this.asked.push(`pcp ${asked === 0 ? 'end' : 'map'} ${transport} ${inner}`);
    const { result, longest, outer: host } = this.mood;
    const client = formatIp(data.subarray(8, 24));
    const foreign = [...this.entries.values()].some(
      (one) => this.ownersOnly && one.client === from && one.inner === inner && one.nonce !== nonce,
    );
    const refused = result !== 0 ? result : foreign ? 2 : client === from ? 0 : 12;
    const outer = refused === 0 ? this.#take(transport, from, inner, wanted, Math.min(asked, longest), nonce) : wanted;
    const out = this.#pcpHeader(0x81, refused, refused === 0 ? Math.min(asked, longest) : 30, 60);
    out.set(data.subarray(24, 42), 24);
    writeU16(out, 42, outer);
    out.set([0xff, 0xff, ...(parseIp(host) ?? [])], 54);
    this.#reply(out, from, port);
  }

  #older(operation: number, result: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    out[1] = operation | 0x80;
    writeU16(out, 2, result);
    writeU32(out, 4, this.#epoch);
    return out;
  }

  #outerAddress(): Uint8Array {
    const out = this.#older(0, 0, 12);
    out.set(parseIp(this.mood.outer) ?? [], 8);
    return out;
  }

  #answerNatPmp(data: Uint8Array, from: string, port: number): void {
    if (data[1] === 0) return this.#reply(this.#outerAddress(), from, port);
    const transport = data[1] === 2 ? 'tcp' : 'udp';
    const [inner, wanted, asked] = [readU16(data, 4), readU16(data, 6), readU32(data, 8)];
    this.asked.push(`nat-pmp ${asked === 0 ? 'end' : 'map'} ${transport} ${inner}`);
    const { result, longest } = this.mood;
    const outer = result === 0 ? this.#take(transport, from, inner, wanted, Math.min(asked, longest), '') : wanted;
    // A refusal repeats what was asked for (seen with miniupnpd).
    const out = this.#older(data[1] ?? 0, result, 16);
    writeU16(out, 8, inner);
    writeU16(out, 10, outer);
    writeU32(out, 12, Math.min(asked, longest));
    this.#reply(out, from, port);
  }

  /** A mapping of this or, where that is taken, the next port; with no time left, its end. */
  #take(transport: NatProtocol, client: string, inner: number, wanted: number, seconds: number, nonce: string): number {
    for (const [key, entry] of this.entries) {
      if (!key.startsWith(transport) || entry.client !== client || entry.inner !== inner) continue;
      if (seconds === 0) this.#drop(key);
      else this.entries.set(key, { ...entry, ends: this.#clock.now() + 1000 * seconds });
      return Number(key.split(' ')[1]);
    }
    let outer = wanted === 0 ? inner : wanted;
    if (seconds === 0) return outer;
    while (this.behind(transport, outer) !== undefined) outer++;
    this.#enter(transport, outer, client, inner, seconds, nonce);
    return outer;
  }

  #search(text: string, from: string, port: number): void {
    if (!this.mood.upnp || this.mood.hangs || !text.startsWith('M-SEARCH')) return;
    const target = /^ST: (.*)$/m.exec(text)?.[1]?.trim() ?? '';
    if (!/InternetGatewayDevice:1|rootdevice/.test(target)) return;
    const head = ['HTTP/1.1 200 OK', `ST: ${target}`, 'EXT:', `LOCATION: ${this.mood.location}`];
    this.#ssdp?.send(new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n`), from, port);
  }

  #notify(): void {
    const head = ['NOTIFY * HTTP/1.1', 'NTS: ssdp:alive', 'NT: upnp:rootdevice', `LOCATION: ${this.mood.location}`];
    this.#ssdp?.send(new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n`), '239.255.255.250', 1900);
  }

  #describe(): HttpResponse | Promise<HttpResponse> {
    if (this.mood.hangs) return new Promise(() => {});
    const body =
      this.mood.description ??
      '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList><service>' +
        '<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl</controlURL>' +
        '</service></serviceList></device></root>';
    return { status: 200, body: new TextEncoder().encode(body) };
  }

  #call(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    if (this.mood.hangs) return new Promise(() => {});
    const text = new TextDecoder().decode((request as HttpPost).body);
    const value = (name: string): string => new RegExp(`<${name}>([^<]*)</`).exec(text)?.[1] ?? '';
    const action = /#(\w+)"/.exec(request.headers?.['SOAPAction'] ?? '')?.[1] ?? '';
    const [outer, protocol] = [Number(value('NewExternalPort')), value('NewProtocol').toLowerCase() as NatProtocol];
    this.asked.push(`upnp ${action}${outer ? ` ${outer} ${protocol}` : ''}`);
    const answer = (fields: string): HttpResponse => soap(200, `<u:${action}Response>${fields}</u:${action}Response>`);
    switch (action) {
      case 'GetExternalIPAddress':
        return answer(`<NewExternalIPAddress>${this.mood.outer}</NewExternalIPAddress>`);
      case 'GetSpecificPortMappingEntry': {
        const entry = this.behind(protocol, outer);
        if (entry === undefined) return fault(this.mood.noEntry);
        const left = entry.ends === Infinity ? 0 : Math.round((entry.ends - this.#clock.now()) / 1000);
        return answer(
          `<NewInternalPort>${entry.inner}</NewInternalPort><NewInternalClient>${entry.client}</NewInternalClient>` +
            `<NewEnabled>1</NewEnabled><NewLeaseDuration>${left}</NewLeaseDuration>`,
        );
      }
      case 'AddPortMapping': {
        const lease = Number(value('NewLeaseDuration'));
        if (this.mood.fault === 725 ? lease !== 0 : this.mood.fault !== 0) return fault(this.mood.fault);
        const [client, inner] = [value('NewInternalClient'), Number(value('NewInternalPort'))];
        const holder = this.behind(protocol, outer);
        // The same machine's is replaced without a word.
        if (holder !== undefined && holder.client !== client) return fault(718);
        const seconds = lease === 0 || lease > 604_800 ? Infinity : Math.min(lease, this.mood.longest);
        this.#enter(protocol, outer, client, inner, seconds, '');
        return answer('');
      }
      case 'DeletePortMapping':
        this.#drop(`${protocol} ${outer}`);
        return answer('');
      default:
        return fault(401);
    }
  }
}

function soap(status: number, body: string): HttpResponse {
  return { status, body: new TextEncoder().encode(`<s:Envelope><s:Body>${body}</s:Body></s:Envelope>`) };
}

function fault(code: number): HttpResponse {
  const error = `<UPnPError><errorCode>${code}</errorCode><errorDescription>no</errorDescription></UPnPError>`;
  return soap(500, `<s:Fault><detail>${error}</detail></s:Fault>`);
}

/** The router of a host's link, in its routing table. */
export function routeBy(host: SimHost, router: string): void {
  const [own] = host.list();
  const family = familyOf(router);
  host.table = [{ interfaceName: own?.interfaceName ?? '', family, gateway: router, leads: 'everywhere', metric: 0 }];
}
