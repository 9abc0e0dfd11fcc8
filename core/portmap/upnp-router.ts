import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { isLoopback } from '../base/ip.ts';
import type { HttpResponse } from '../ports/http.ts';
import { isOnLink, withoutZone } from './gateways.ts';
import { type IgdService, readDescription, readSoap, type SoapAnswer, soapCall } from './igd.ts';
import type { LinkSocket } from './link-socket.ts';
import type { MapPorts } from './mapping.ts';
import { encodeSearch, SEARCH_TARGETS, type SsdpDevice } from './ssdp.ts';
import { wait } from '../ports/wait.ts';
import { MAX_XML_BYTES } from './xml.ts';

/** Searches, and how long each is listened to. Devices spread their answers over `MX` seconds. */
const SEARCHES = 3;
const SEARCH_TIME = 2_500;
const MX = 2;
/** Most descriptions of the gateway, and of all others together, that are read in one search. */
const MAX_DESCRIPTIONS = 6;
const HTTP_TIME = millis(5_000);

/** Calls of one service of a router, from the address that is to be reached. */
export class UpnpService {
  readonly service: IgdService;
  readonly #ports: MapPorts;
  readonly #localAddress: string;

  constructor(ports: MapPorts, localAddress: string, service: IgdService) {
    this.#ports = ports;
    this.#localAddress = localAddress;
    this.service = service;
  }

  /** Rejects with EnsembleError('network') where no answer came. */
  async call(
    action: string,
    values: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
  ): Promise<SoapAnswer> {
    const { headers, body } = soapCall(this.service, action, values);
    const response = await this.#ports.http.post({
      url: this.service.control,
      headers: { ...headers, 'Accept-Encoding': 'identity' },
      body,
      localAddress: this.#localAddress,
      timeout: HTTP_TIME,
      maxBytes: MAX_XML_BYTES,
      signal,
    });
    if (response.status !== 200 && response.status !== 500) throw unusable(response);
    return readSoap(response.body, action);
  }
}

/**
 * Searches the link for routers and reads what they offer. Descriptions are only fetched from a host of the link that answered itself
 * (UPnP's LOCATION may name any URL), never from this machine, and the gateway's before all others'.
 */
export async function findServices(
  ports: MapPorts,
  link: LinkSocket,
  kind: IgdService['kind'],
  signal: AbortSignal,
): Promise<UpnpService[]> {
  /** Who named each place that was or will be read. */
  const asked = new Map<string, string>();
  const waiting: { readonly location: string; readonly from: string }[] = [];
  const found: UpnpService[] = [];
  const isGateway = (host: string): boolean => withoutZone(host) === withoutZone(link.gateway);
  link.onDevice((device, from) => {
    const location = locationOf(device, from, link);
    if (location === undefined || asked.has(location)) return;
    const alike = [...asked.values()].filter((other) => isGateway(other) === isGateway(from)).length;
    if (alike >= MAX_DESCRIPTIONS) return;
    asked.set(location, from);
    waiting.push({ location, from });
  });
  for (let search = 0; search < SEARCHES && found.length === 0 && !signal.aborted; search++) {
    const targets = search === 0 ? SEARCH_TARGETS.slice(0, 2) : SEARCH_TARGETS;
    for (const target of targets) link.search(encodeSearch(target, link.own.family, MX));
    for (let waited = 0; waited < SEARCH_TIME && found.length === 0 && !signal.aborted; waited += STEP) {
      await wait(ports.clock, STEP, signal);
      waiting.sort((a, b) => Number(isGateway(b.from)) - Number(isGateway(a.from)));
      for (const { location } of waiting.splice(0)) {
        if (found.length > 0) break;
        const services = await describe(ports, link, location, signal);
        found.push(
          ...services.filter((one) => one.kind === kind).map((one) => new UpnpService(ports, link.own.address, one)),
        );
      }
    }
  }
  link.onDevice(undefined);
  return found;
}

/** Answers are gathered for so long before the best of them is taken. */
const STEP = 250;

function locationOf(device: SsdpDevice, from: string, link: LinkSocket): string | undefined {
  if (!URL.canParse(device.location)) return undefined;
  const url = new URL(device.location);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol !== 'http:' || url.username !== '' || url.password !== '') return undefined;
  // An IPv6 answer comes from a link-local address; the URL cannot bear its zone, and names another address of the same host.
  const same =
    host === withoutZone(from) || (link.own.family === 6 && isOnLink(link.own, host) && !/^fe[89ab]/i.test(host));
  if (!same || host === link.own.address) return undefined;
  if (isLoopback(host) && !isLoopback(link.own.address)) return undefined;
  return url.href;
}

async function describe(
  ports: MapPorts,
  link: LinkSocket,
  location: string,
  signal: AbortSignal,
): Promise<IgdService[]> {
  try {
    const response = await ports.http.get({
      url: location,
      headers: { 'Accept-Encoding': 'identity' },
      localAddress: link.own.address,
      timeout: HTTP_TIME,
      maxBytes: MAX_XML_BYTES,
      signal,
    });
    return response.status === 200 ? readDescription(response.body, location) : [];
  } catch {
    // A device that cannot describe itself is none.
    return [];
  }
}

function unusable({ status }: HttpResponse): EnsembleError {
  return new EnsembleError('network', `The router answers with HTTP status ${status}: it cannot be asked by UPnP`);
}
