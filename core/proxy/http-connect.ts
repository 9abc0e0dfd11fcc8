import { concatBytes } from '../base/bytes.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { ProxyPlace } from '../base/proxy-url.ts';
import type { ProxyStep, ProxyTalk } from '../ports/net.ts';

/** Longest head of an answer; what a refusal says besides is not read. */
const MAX_HEAD = 16_384;

/** Statuses that say something of the target or of the proxy, besides success; all others: the target cannot be reached. */
const CODES: ReadonlyMap<number, string> = new Map([
  [400, 'EOPNOTSUPP'],
  [401, 'EPROXYAUTH'],
  [403, 'EACCES'],
  [405, 'EOPNOTSUPP'],
  [407, 'EPROXYAUTH'],
  [501, 'EOPNOTSUPP'],
  [504, 'ETIMEDOUT'],
]);

/** Asks an HTTP proxy for a tunnel to `target` (RFC 9110, 9.3.6). */
export class HttpConnectTalk implements ProxyTalk {
  asked = false;
  readonly #place: ProxyPlace;
  readonly #target: Endpoint;
  #come: Uint8Array = new Uint8Array();

  constructor(place: ProxyPlace, target: Endpoint) {
    this.#place = place;
    this.#target = target;
  }

  begin(): Uint8Array {
    this.asked = true;
    const { user, password = '' } = this.#place;
    // Names come from torrents and trackers: none of them ends the line.
    const target = formatEndpoint(this.#target).replace(/[\0-\x20\x7f]/g, '');
    const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
    if (user !== undefined) {
      const account = String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`));
      lines.push(`Proxy-Authorization: Basic ${btoa(account)}`);
    }
    return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
  }

  received(data: Uint8Array): ProxyStep {
    const from = Math.max(0, this.#come.length - 3);
    this.#come = concatBytes(this.#come, data);
    const start = String.fromCharCode(...this.#come.subarray(0, 16));
    if (!'HTTP/1.'.startsWith(start.slice(0, 7))) return { kind: 'failed', code: 'EPROXY' };
    const end = endOfHead(this.#come, from);
    if (end === undefined) {
      return this.#come.length > MAX_HEAD ? { kind: 'failed', code: 'EPROXY' } : { kind: 'more' };
    }
    const status = Number(/^HTTP\/1\.\d (\d{3})(?!\d)/.exec(start)?.[1] ?? 0);
    if (end > MAX_HEAD || status < 200) return { kind: 'failed', code: 'EPROXY' };
    if (status < 300) return { kind: 'open', rest: this.#come.subarray(end) };
    return { kind: 'failed', code: CODES.get(status) ?? 'EHOSTUNREACH' };
  }
}

/** Where the empty line that ends a head is over, looking from `from` on. */
function endOfHead(data: Uint8Array, from: number): number | undefined {
  for (let at = data.indexOf(10, from); at >= 0; at = data.indexOf(10, at + 1)) {
    const next = data[at + 1] === 13 ? at + 2 : at + 1;
    if (data[next] === 10) return next + 1;
  }
  return undefined;
}
