import { concatBytes } from '../base/bytes.ts';
import { parseIp } from '../base/ip.ts';
import { encode } from '../bencode/bencode.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import { systemError } from '../ports/system-error.ts';
import { SimHttp } from './http.ts';

const ORIGIN = 'http://tracker.example/announce';

/** One announce as a tracker received it. */
export interface HeardAnnounce {
  readonly at: number;
  readonly peerId: string;
  readonly host: string;
  readonly port: number;
  /** Empty for a regular one. */
  readonly event: string;
  readonly left: number;
  readonly numWant: number;
}

/** An HTTP tracker of one torrent, with a record of all announces. */
export class SimTracker {
  readonly url: string = ORIGIN;
  readonly heard: HeardAnnounce[] = [];
  /** While true, nothing answers. */
  down = false;
  /** Answers in place of the tracker. */
  answer: ((request: HttpRequest) => HttpResponse | Promise<HttpResponse>) | undefined;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #peers = new Map<string, { readonly host: string; readonly port: number }>();

  /** `interval`: seconds, told to clients. */
  constructor(clock: Clock, interval: number = 120) {
    this.#clock = clock;
    this.#interval = interval;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** HTTP to this tracker for a machine of this address, unless a request names another local address. */
  http(address: string): SimHttp {
    const http = new SimHttp(this.#clock);
    http.on(ORIGIN, (request) => this.#announce(request, request.localAddress ?? address));
    return http;
  }

  /** A peer that is told to others without announcing itself. */
  add(host: string, port: number): void {
    this.#peers.set(host, { host, port });
  }

  /** One of those has left. */
  drop(host: string): void {
    this.#peers.delete(host);
  }

  #announce(request: HttpRequest, host: string): HttpResponse | Promise<HttpResponse> {
    if (this.down) throw systemError('ECONNREFUSED');
    if (this.answer !== undefined) return this.answer(request);
    const fields = new Map(
      request.url
        .slice(request.url.indexOf('?') + 1)
        .split('&')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    const number = (name: string): number => Number(fields.get(name) ?? 0);
    const peerId = fields.get('peer_id') ?? '';
    const event = fields.get('event') ?? '';
    const port = number('port');
    const numWant = number('numwant');
    this.heard.push({ at: this.#clock.now(), peerId, host, port, event, left: number('left'), numWant });
    if (event === 'stopped') this.#peers.delete(peerId);
    else this.#peers.set(peerId, { host, port });
    const others = [...this.#peers].filter(([id]) => id !== peerId).map(([, peer]) => peer);
    // A different part of a long list each time, without chance.
    const start = this.heard.length % Math.max(1, others.length);
    const chosen = [...others.slice(start), ...others.slice(0, start)].slice(0, numWant);
    const peers = concatBytes(...chosen.map((peer) => compact(peer.host, peer.port)));
    const body = encode({ interval: this.#interval, peers });
    return { status: 200, body, scope: 'private' };
  }
}

/** Address and port in the compact form (BEP 23). */
function compact(host: string, port: number): Uint8Array {
  return concatBytes(parseIp(host) ?? new Uint8Array(4), Uint8Array.of(port >> 8, port & 255));
}
