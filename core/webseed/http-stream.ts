import { messageOf } from '../base/errors.ts';
import { type HttpHead, HttpAnswerReader } from '../base/http-answer.ts';
import { millis } from '../base/ids.ts';
import { canonicalIp } from '../base/ip.ts';
import { isWithin, scopeOf, type Scope } from '../base/ip-scope.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';
import type { FilePlace } from './seed-url.ts';

const CONNECT_TIMEOUT = millis(15_000);
/** Also how long a connection is kept that nobody needs. */
const SILENCE_TIMEOUT = millis(30_000);
/** Most addresses of a server that are tried. */
const MAX_TRIED = 8;

/** Name and version of a program as its User-Agent has them (RFC 9110, 10.1.5). */
export const userAgentOf = (client: string): string => client.replace(/[^\x21-\x7e]+/g, '/');

/** Bytes `from` up to and without `to` of a file. */
export interface RangeRequest {
  readonly place: FilePlace;
  readonly from: number;
  readonly to: number;
  /** Connect to no address that lies further in than this; undefined: to any. */
  readonly innermost?: Scope | undefined;
  /** Sent as the header of this name; undefined: as the URL says. */
  readonly authorization?: string | undefined;
}

/** Hears what comes. Each of these may stop the stream, or ask it for something else. */
export interface StreamEvents {
  /** `scope`: how far in the server lies. */
  head(head: HttpHead, scope: Scope): void;
  body(part: Uint8Array): void;
  /** Some bytes have been handed on; the next ones follow later. */
  chunkDone(): void;
  /** Nothing more of this answer comes; `whole`: as much came as it said. */
  ended(whole: boolean): void;
  /** There is no answer, or not the rest of it. */
  failed(why: string): void;
}

export interface StreamOptions {
  readonly ports: Pick<Ports, 'net' | 'interfaces'>;
  /** Connect from this local address, or not at all. */
  readonly address: string | undefined;
  readonly userAgent: string;
  /** Whether nothing is asked of this address now. */
  readonly barred: (host: string) => boolean;
  readonly events: StreamEvents;
}

interface Open {
  readonly connection: Connection;
  readonly origin: string;
  readonly scope: Scope;
  up: boolean;
  /** It has borne an answer before. */
  used: boolean;
}

interface Running {
  readonly request: RangeRequest;
  readonly reader: HttpAnswerReader;
}

/**
 * Asks one server for parts of files, one after the other, over one connection as long as that may be kept. Bytes are handed on as
 * they come, and the socket is not read while paused.
 */
export class HttpStream {
  readonly #o: StreamOptions;
  #open: Open | undefined;
  #running: Running | undefined;
  #paused = false;

  constructor(options: StreamOptions) {
    this.#o = options;
  }

  /** A request has not been answered to its end. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Only while it is not busy. */
  get(request: RangeRequest): void {
    const running: Running = { request, reader: this.#reader() };
    this.#running = running;
    const open = this.#open;
    const keeps = open?.up === true && !this.#o.barred(open.connection.remote.host);
    if (keeps && open.origin === request.place.url.origin && allows(request, open.scope)) {
      this.#send(open, running);
    } else {
      this.#close();
      void this.#connect(running);
    }
  }

  /** Nobody hears of what still comes. */
  stop(): void {
    this.#running = undefined;
    this.#close();
  }

  pause(): void {
    this.#paused = true;
    if (this.#open?.up === true) this.#open.connection.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#open?.up === true) this.#open.connection.resume();
  }

  #reader(): HttpAnswerReader {
    const reader: HttpAnswerReader = new HttpAnswerReader(Number.POSITIVE_INFINITY, {
      head: (head) => {
        const open = this.#open;
        if (open !== undefined && this.#running?.reader === reader) this.#o.events.head(head, open.scope);
      },
      body: (part) => {
        if (this.#running?.reader === reader) this.#o.events.body(part);
      },
    });
    return reader;
  }

  async #connect(running: Running): Promise<void> {
    const { address } = this.#o;
    const { url } = running.request.place;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    try {
      const named = (await this.#o.ports.net.resolve(host, address)).map((one) => one.address);
      if (this.#running !== running) return;
      const found = named.filter((one) => !this.#o.barred(one)).slice(0, MAX_TRIED);
      const fit = found.filter((one) => allows(running.request, this.#scope(one)));
      if (named.length === 0) this.#fail(`${host} has no address that can be reached from here`);
      else if (found.length === 0) this.#fail(`${host} is kept out by the list of addresses`);
      else if (fit.length === 0) {
        this.#fail(
          running.request.innermost === undefined
            ? `${host} lies in a private network, where no URL with a query is asked for`
            : `${host} lies further in than who sent us there`,
        );
      } else this.#dial(running, fit);
    } catch (error) {
      if (this.#running === running) this.#fail(messageOf(error));
    }
  }

  /** Tries one address after the other. */
  #dial(running: Running, [host, ...others]: readonly string[], failed?: CloseReason): void {
    const { url } = running.request.place;
    if (host === undefined)
      return this.#fail(`${url.host} cannot be reached${failed === undefined ? '' : `: ${textOf(failed)}`}`);
    const secure = url.protocol === 'https:';
    const { address } = this.#o;
    const handler: ConnectionHandler = {
      connected: (connection) => {
        if (this.#open?.connection !== connection || this.#running === undefined) return connection.destroy();
        this.#open.up = true;
        if (this.#paused) connection.pause();
        this.#send(this.#open, this.#running);
      },
      data: (connection, data) => {
        if (this.#open?.connection === connection) this.#received(this.#open, data);
      },
      closed: (connection, reason) => {
        const open = this.#open;
        if (open?.connection !== connection) return;
        this.#open = undefined;
        if (open.up) this.#closed(open, reason);
        else if (this.#running !== undefined) this.#dial(this.#running, others, reason);
      },
    };
    const connection = this.#o.ports.net.dial(
      {
        remote: { host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) },
        ...(address !== undefined && { localAddress: address }),
        ...(secure && { tls: url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '') }),
        connectTimeout: CONNECT_TIMEOUT,
        silenceTimeout: SILENCE_TIMEOUT,
        stuckTimeout: SILENCE_TIMEOUT,
      },
      handler,
    );
    this.#open = { connection, origin: url.origin, scope: this.#scope(host), up: false, used: false };
  }

  #send({ connection }: Open, { request }: Running): void {
    connection.write(requestHead(request, this.#o.userAgent));
  }

  #received(open: Open, data: Uint8Array): void {
    const running = this.#running;
    // Whoever speaks without having been asked is not listened to any longer.
    if (running === undefined) return this.#close();
    const { reader } = running;
    let taken: number;
    try {
      taken = reader.push(data);
      if (this.#running !== running) return;
      this.#o.events.chunkDone();
    } catch (error) {
      if (this.#running === running) this.#fail(`it sends nonsense: ${messageOf(error)}`);
      return;
    }
    if (this.#running !== running || !reader.done) return;
    this.#running = undefined;
    open.used = true;
    if (!reader.reusable || taken < data.length) this.#close();
    this.#o.events.ended(reader.whole);
  }

  #closed(open: Open, reason: CloseReason): void {
    const running = this.#running;
    if (running === undefined) return;
    if (!running.reader.begun && open.used && reason.kind !== 'timeout') {
      // It was closed before the request came: that is no failure.
      void this.#connect(running);
      return;
    }
    if (reason.kind !== 'remote' || !running.reader.begun) return this.#fail(textOf(reason));
    try {
      running.reader.end();
      this.#running = undefined;
      this.#o.events.ended(running.reader.whole);
    } catch (error) {
      this.#fail(messageOf(error));
    }
  }

  #fail(why: string): void {
    this.stop();
    this.#o.events.failed(why);
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.connection.destroy();
  }

  /** How far in an address lies, seen from this machine: each of its own is loopback. */
  #scope(address: string): Scope {
    const plain = canonicalIp(address) ?? address;
    if (this.#o.ports.interfaces.list().some((own) => own.address === plain)) return 'loopback';
    // What is not known counts as the innermost, so that nobody is sent there.
    return scopeOf(plain) ?? 'loopback';
  }
}

/**
 * Whether a server that lies so far in may be asked for this. Inside a private network nothing with a query is: a torrent could have
 * us work some device there.
 */
function allows({ innermost = 'loopback', place }: RangeRequest, scope: Scope): boolean {
  return isWithin(scope, innermost) && (scope === 'global' || !place.target.includes('?'));
}

function textOf(reason: CloseReason): string {
  switch (reason.kind) {
    case 'timeout':
      return reason.what === 'connect' ? 'it does not answer' : 'it went silent';
    case 'error':
      return reason.code;
    default:
      return 'it closed the connection';
  }
}

function requestHead(request: RangeRequest, userAgent: string): Uint8Array {
  const { url, target } = request.place;
  const auth = `${decoded(url.username)}:${decoded(url.password)}`;
  const basic = url.username === '' ? [] : [`Authorization: Basic ${toBase64(new TextEncoder().encode(auth))}`];
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${url.host}`,
    `User-Agent: ${userAgent}`,
    'Accept: */*',
    'Accept-Encoding: identity',
    `Range: bytes=${request.from}-${request.to - 1}`,
    ...(request.authorization === undefined ? basic : [`Authorization: ${request.authorization}`]),
  ];
  return new TextEncoder().encode(`${lines.map((line) => line.replace(/[\r\n]/g, ' ')).join('\r\n')}\r\n\r\n`);
}

function toBase64(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
