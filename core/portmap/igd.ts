import { EnsembleError } from '../base/errors.ts';
import { escaped } from '../base/escaped.ts';
import { childText, descendants, readXml } from './xml.ts';

// What UPnP calls an Internet Gateway Device: its description, and calls of its services (SOAP).

/** A service of a gateway that this program uses. */
export interface IgdService {
  readonly kind: 'connection' | 'firewall6';
  /** Its full type, which every call names. */
  readonly type: string;
  /** The full URL of its calls, on the host that the description came from. */
  readonly control: string;
}

const SERVICES: readonly (readonly [RegExp, IgdService['kind']])[] = [
  [/^urn:schemas-upnp-org:service:WANIPConnection:[12]$/, 'connection'],
  [/^urn:schemas-upnp-org:service:WANPPPConnection:1$/, 'connection'],
  [/^urn:schemas-upnp-org:service:WANIPv6FirewallControl:1$/, 'firewall6'],
];
const MAX_SERVICES = 8;
const MAX_URL = 1_024;

/** The services in a device description that came from `location`. Those whose calls would go to another host are left out. */
export function readDescription(data: Uint8Array, location: string): IgdService[] {
  const root = readXml(data);
  const base = childText(root, 'URLBase') ?? '';
  const out: IgdService[] = [];
  for (const service of descendants(root, 'service')) {
    const type = childText(service, 'serviceType') ?? '';
    const kind = SERVICES.find(([pattern]) => pattern.test(type))?.[1];
    const control = placeOf(childText(service, 'controlURL') ?? '', base, location);
    if (kind === undefined || control === undefined || out.length >= MAX_SERVICES) continue;
    if (!out.some((other) => other.control === control && other.type === type)) out.push({ kind, type, control });
  }
  return out;
}

function placeOf(path: string, base: string, location: string): string | undefined {
  if (path === '' || path.length > MAX_URL || base.length > MAX_URL) return undefined;
  const from = base !== '' && URL.canParse(base) ? base : location;
  if (!URL.canParse(path, from)) return undefined;
  const url = new URL(path, from);
  return url.protocol === 'http:' && url.hostname === new URL(location).hostname ? url.href : undefined;
}

/** A call: its header fields and its body. */
export function soapCall(
  { type }: IgdService,
  action: string,
  values: Readonly<Record<string, string | number>>,
): { readonly headers: Record<string, string>; readonly body: Uint8Array } {
  const fields = Object.entries(values).map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`);
  const body =
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${type}">${fields.join('')}</u:${action}></s:Body></s:Envelope>\r\n`;
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` };
  return { headers, body: new TextEncoder().encode(body) };
}

export type SoapAnswer =
  | { readonly kind: 'answer'; readonly values: ReadonlyMap<string, string> }
  /** It refuses, with UPnP's code. */
  | { readonly kind: 'fault'; readonly code: number; readonly text: string };

const MAX_SHOWN = 100;

/** The answer to a call of `action`. Throws EnsembleError('network') where it is none. */
export function readSoap(data: Uint8Array, action: string): SoapAnswer {
  const root = readXml(data);
  const [fault] = descendants(root, 'UPnPError');
  if (fault !== undefined) {
    const code = Number(childText(fault, 'errorCode'));
    // A stranger's text is shown.
    const text = (childText(fault, 'errorDescription') ?? '').replace(/\p{Cc}/gu, ' ').slice(0, MAX_SHOWN);
    return { kind: 'fault', code: Number.isInteger(code) ? code : 501, text };
  }
  const [answer] = descendants(root, `${action}Response`);
  if (answer === undefined) throw new EnsembleError('network', `The router did not answer ${action}`);
  return { kind: 'answer', values: new Map(answer.children.map(({ name, text }) => [name, text])) };
}

/** What UPnP's codes mean for mappings. */
export const UPNP_FAULTS: Readonly<Record<number, string>> = {
  401: 'it does not know that call',
  402: 'it does not take these values',
  403: 'it is not allowed there',
  501: 'it could not do that, perhaps as it has no public address',
  606: 'it does not allow that: port mapping may be switched off, or only for other ports',
  714: 'it has no such mapping',
  716: 'it wants one outer port for each',
  718: 'another machine has that outer port',
  724: 'it wants the same outer and inner port',
  725: 'it only makes permanent mappings',
  728: 'it has no room for further mappings',
  729: 'another machine has that port',
};
