import type { Duplex } from 'node:stream';
import { concatBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { HttpAnswerReader } from '../base/http-answer.ts';
import { millis } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';
import { isWithin, scopeByName } from '../base/ip-scope.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { ViaProxy } from '../ports/net.ts';
import type { Http, HttpPost, HttpRequest, HttpResponse } from '../ports/http.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { NodeClock } from './clock.ts';
import { asError, HttpConnection, REDIRECTS } from './http-connection.ts';
import { KeptConnections } from './kept-connections.ts';
import { dialOneOf } from './dial-one-of.ts';
import { unpackBody } from './http-body.ts';
import { retryAfter } from '../base/retry-after.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { remembered } from '../base/remembered.ts';
import { Stopper, type StopSignal } from '../base/stopper.ts';
import { hasAddress, scopeFromHere } from './interfaces.ts';
import { literalFamily } from './ip-literal.ts';
import { NodeNames } from './names.ts';
import { plainAddress } from './net-connection.ts';
import { TalkedSocket } from './talked-socket.ts';
import { tls } from './tls.ts';

const clock = new NodeClock();

/** A connection that stands, and how far in its other end lies, where that is known. */
interface Dialled {
  readonly socket: Duplex;
  readonly scope: Scope | undefined;
}
/** Servers of which we remember the address that answered last. */
const MAX_REMEMBERED = 256;

/** HTTP, answers read by `HttpAnswerReader`; over a connection of its own for each request but for those that may share one. */
export class NodeHttp implements Http {
  readonly #userAgent: string;
  readonly #names: NodeNames;
  /** The address that answered last, by local address and server. */
  readonly #worked = new Map<string, string>();
  readonly #kept = new KeptConnections(() => clock.now());
  /** Of a request without any of its own, by what is said of the connection and the host. */
  readonly #plainHeaders = remembered(16, (key) => {
    const [connection = '', host = ''] = key.split(' ');
    return this.#headers(host, connection, {});
  });

  /** `version` of this program, for the User-Agent. */
  constructor(version?: string, names: NodeNames = new NodeNames()) {
    this.#userAgent = version === undefined ? 'Ensemble' : `Ensemble/${version}`;
    this.#names = names;
  }

  get(request: HttpRequest): Promise<HttpResponse> {
    return this.#within(request, undefined);
  }

  post(request: HttpPost): Promise<HttpResponse> {
    return this.#within(request, request.body);
  }

  async #within(request: HttpRequest, body: Uint8Array | undefined): Promise<HttpResponse> {
    const action = body === undefined ? 'get' : 'call';
    const deadline = new Stopper();
    const timer = clock.after(millis(request.timeout), () => deadline.abort(systemError('ETIMEDOUT')));
    const stop = (): void => {
      const where = withoutQuery(request.url);
      deadline.abort(new EnsembleError('interrupted', `the request to ${where} was stopped`));
    };
    if (request.signal?.aborted) stop();
    request.signal?.addEventListener('abort', stop, { once: true });
    try {
      return await this.#exchange(parse(request.url), request, body, deadline);
    } catch (error) {
      const where = withoutQuery(request.url);
      const cause: unknown = deadline.aborted ? deadline.reason : error;
      if (cause instanceof EnsembleError && cause.code === 'protocol') {
        throw new EnsembleError('network', `cannot ${action} ${where}: ${cause.message}`, { cause });
      }
      throw cause instanceof EnsembleError ? cause : networkError(`${action} ${where}`, cause);
    } finally {
      timer.cancel();
      request.signal?.removeEventListener('abort', stop);
    }
  }

  async #exchange(
    url: URL,
    request: HttpRequest,
    body: Uint8Array | undefined,
    signal: StopSignal,
  ): Promise<HttpResponse> {
    const key = body === undefined ? sharedKey(url, request) : undefined;
    const keeps = key !== undefined && this.#kept.isBusy(key);
    const head = this.#head(url, request, body?.length, keeps);
    const sent = body === undefined ? head : concatBytes(head, body);
    const ask = (by: HttpConnection, reader: HttpAnswerReader): Promise<HttpResponse> =>
      this.#ask(by, sent, reader, request, signal, keeps ? key : undefined);
    const kept = keeps && mayLeaveFrom(request.localAddress) ? this.#kept.take(key) : undefined;
    if (kept !== undefined) {
      const reader = new HttpAnswerReader(request.maxBytes);
      try {
        return await ask(kept, reader);
      } catch (error) {
        // The server may have closed it before it was asked.
        if (reader.begun || signal.aborted) throw error;
      }
    }
    return ask(await this.#connect(url, request, signal), new HttpAnswerReader(request.maxBytes));
  }

  async #connect(url: URL, request: HttpRequest, signal: StopSignal): Promise<HttpConnection> {
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    const { socket, scope } =
      request.via === undefined
        ? await this.#direct(url, port, `${request.localAddress ?? ''} ${url.host}`, request, signal)
        : await this.#byProxy(url, port, request.via, request, signal);
    return new HttpConnection(overTls(socket, url), scope);
  }

  /** `key`: by which its connection is kept for the next request; undefined: it is not. */
  async #ask(
    connection: HttpConnection,
    sent: Uint8Array,
    reader: HttpAnswerReader,
    { maxBytes, mayBeCut }: HttpRequest,
    signal: StopSignal,
    key: string | undefined,
  ): Promise<HttpResponse> {
    const { socket, scope } = connection;
    let free = false;
    try {
      free = (await connection.exchange(sent, reader, signal)) && reader.reusable;
      const { status = 0, headers = new Map<string, readonly string[]>() } = reader.head ?? {};
      const location = headers.get('location')?.[0];
      const wait = retryAfter(headers.get('retry-after')?.[0], Date.now());
      const about = {
        status,
        ...(scope !== undefined && { scope }),
        ...(wait !== undefined && { retryAfter: wait }),
        ...validators(headers),
      };
      if (REDIRECTS.has(status) && location !== undefined) return { ...about, body: new Uint8Array(), location };
      if (!reader.whole && mayBeCut !== true) throw new Error('the answer was cut off');
      const encodings = headers.get('content-encoding') ?? [];
      return { ...about, body: await unpackBody(reader.body, encodings, maxBytes, mayBeCut === true) };
    } finally {
      if (free && key !== undefined) this.#kept.keep(key, connection);
      else socket.destroy();
    }
  }

  async #direct(url: URL, port: number, server: string, request: HttpRequest, signal: StopSignal): Promise<Dialled> {
    const addresses = await orStopped(this.#addresses(url, request), signal);
    const last = this.#worked.get(server);
    const order = last !== undefined && addresses.includes(last) ? [last, ...addresses] : addresses;
    const socket = await dialOneOf([...new Set(order)], port, request.localAddress, signal);
    const remote = plainAddress(socket.remoteAddress);
    if (remote === undefined) return { socket, scope: undefined };
    this.#remember(server, remote);
    return { socket, scope: scopeFromHere(remote) };
  }

  /** What a proxy connects us with is known by its name alone. */
  async #byProxy(
    url: URL,
    port: number,
    via: (server: Endpoint) => ViaProxy,
    { localAddress, innermost }: HttpRequest,
    signal: StopSignal,
  ): Promise<Dialled> {
    const host = hostOf(url);
    const scope = scopeByName(host);
    if (innermost !== undefined && !isWithin(scope, innermost)) throw furtherIn(url, host);
    const { proxy, talk } = via({ host, port });
    if (localAddress !== undefined && !hasAddress(localAddress)) throw systemError('EADDRNOTAVAIL');
    const family = localAddress === undefined ? 0 : literalFamily(localAddress);
    const found = await orStopped(this.#names.resolve(proxy.host, localAddress), signal).catch(() => {
      throw systemError('EPROXY');
    });
    const places = found.filter((one) => family === 0 || one.family === family).map(({ address }) => address);
    if (places.length === 0) throw systemError('EPROXY');
    const socket = await dialOneOf(places, proxy.port, localAddress, signal).catch((error: unknown) => {
      throw signal.aborted ? error : systemError('EPROXY');
    });
    return { socket: new TalkedSocket(socket, talk), scope };
  }

  /** The addresses that may be connected to. */
  async #addresses(url: URL, { localAddress, family: wanted, innermost }: HttpRequest): Promise<readonly string[]> {
    const host = hostOf(url);
    const family = wanted ?? (localAddress === undefined ? 0 : literalFamily(localAddress));
    const literal = literalFamily(host);
    if (family !== 0 && literal !== 0 && literal !== family) throw systemError('EAFNOSUPPORT');
    // Before a name is looked up, as nothing may be sent while the local address is gone.
    if (localAddress !== undefined && !hasAddress(localAddress)) throw systemError('EADDRNOTAVAIL');
    const found = (await this.#names.resolve(host, localAddress))
      .filter((one) => family === 0 || one.family === family)
      .map(({ address }) => address);
    if (found.length === 0) throw systemError('ENOTFOUND');
    if (innermost === undefined) return found;
    const fit = found.filter((address) => mayConnect(address, innermost));
    if (fit.length > 0) return fit;
    throw furtherIn(url, found[0] ?? host);
  }

  #head(url: URL, request: HttpRequest, length: number | undefined, keeps: boolean): Uint8Array {
    const line = `${length === undefined ? 'GET' : 'POST'} ${url.pathname}${url.search} HTTP/1.1\r\n`;
    const connection = keeps ? 'keep-alive' : 'close';
    // Thousands of announces differ in their first line alone.
    const plain = length === undefined && request.headers === undefined && url.username === '';
    if (plain) return Buffer.from(`${line}${this.#plainHeaders(`${connection} ${url.host}`)}`, 'latin1');
    const more = {
      ...(url.username !== '' && { Authorization: authorizationOf(url) }),
      ...(length !== undefined && { 'Content-Length': String(length) }),
      ...request.headers,
    };
    return Buffer.from(`${line}${this.#headers(url.host, connection, more)}`, 'latin1');
  }

  #headers(host: string, connection: string, more: Readonly<Record<string, string>>): string {
    const usual = { Host: host, 'User-Agent': this.#userAgent, 'Accept-Encoding': 'gzip, deflate' };
    const all = Object.entries({ ...usual, ...more, Connection: connection });
    return `${all.map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`).join('')}\r\n`;
  }

  #remember(server: string, address: string): void {
    this.#worked.delete(server);
    this.#worked.set(server, address);
    keepNewest(this.#worked, MAX_REMEMBERED);
  }
}

function authorizationOf({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function validators(headers: ReadonlyMap<string, readonly string[]>): Pick<HttpResponse, 'etag' | 'lastModified'> {
  const etag = headers.get('etag')?.[0];
  const lastModified = headers.get('last-modified')?.[0];
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

/** Requests with the same key may share a connection; undefined: this one may not. */
function sharedKey(url: URL, { mayShare, via, innermost, localAddress, family }: HttpRequest): string | undefined {
  if (mayShare !== true || via !== undefined || innermost !== undefined) return undefined;
  return `${localAddress ?? ''} ${family ?? ''} ${url.origin}`;
}

/** Whether the local address is there: from one that is gone nothing may be sent, by a connection that stands neither. */
function mayLeaveFrom(localAddress: string | undefined): boolean {
  return localAddress === undefined || hasAddress(localAddress);
}

function furtherIn(url: URL, host: string): EnsembleError {
  return new EnsembleError(
    'network',
    `cannot get ${withoutQuery(url.href)}: ${host} lies further in than who sent us there`,
  );
}

/** The connection itself, or TLS over it, which fails where the certificate is not that of the server's name or address. */
function overTls(socket: Duplex, url: URL): Duplex {
  if (url.protocol !== 'https:') return socket;
  const host = hostOf(url).replace(/\.$/, '');
  const named = literalFamily(host) === 0 && { servername: host };
  return tls().connect({ socket, host, ALPNProtocols: ['http/1.1'], ...named });
}

/** A look-up cannot be stopped, only left alone. */
function orStopped<T>(work: Promise<T>, signal: StopSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(asError(signal.reason));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Whether an address lies no further in than that. */
function mayConnect(address: string, innermost: Scope): boolean {
  const scope = scopeFromHere(address);
  return scope !== undefined && isWithin(scope, innermost);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function parse(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new EnsembleError('network', `cannot get ${withoutQuery(text)}: it is no valid address: check it`);
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new EnsembleError('network', `cannot get ${withoutQuery(url.href)}: only http and https are spoken here`);
}

/** URLs of private trackers contain a passkey, which does not belong in messages. */
function withoutQuery(url: string): string {
  return (/^[^?#]*/.exec(url)?.[0] ?? '').slice(0, 200);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
