import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { BridgeHost } from '../../core/bridge/host/host.ts';
import type { KeptSession } from '../../core/engine/access.ts';
import { BRIDGE_PATH } from '../../core/bridge/line/transports.ts';
import { sendAnswer } from '../../core/node/http-answers.ts';
import { listening } from '../../core/node/listening.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';
import { networkError } from '../../core/ports/system-error.ts';
import { Access, type Admission, type KeptAccess, SESSION_SECONDS } from './access.ts';
import { arrivalPage, crossingPage, entryPage, notice, refuse, securityHeaders } from './answers.ts';
import { Connections } from './connections.ts';
import { isForm, secretOf } from './entry-form.ts';
import type { PageFile } from './page.ts';
import { PLAY_PATH, type Player } from './player.ts';
import { RpcEnd, type RpcEndOptions } from './rpc-end.ts';
import { Seldom } from './seldom.ts';
import { Site } from './site.ts';
import { Windows } from './windows.ts';

/** Milliseconds that a request's headers, and a whole request, may take. */
const MAX_REQUEST = 10_000;
/** How often it is checked whether one takes longer, in ms. */
const LOOK = 1000;
/** Milliseconds after which a silent connection is closed: one over which nothing comes and nothing of an answer is taken. */
const MAX_SILENCE = 60_000;
const MAX_HEADERS = 16 * 1024;
/**
 * With this many connections further ones are closed unread. It is more than may stay, so that each can send a request before it is
 * decided who goes.
 */
const MAX_ACCEPTED = 512;

export interface ServeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly bridge: BridgeHost;
  readonly player: Player;
  readonly page: ReadonlyMap<string, PageFile>;
  /** Name or address of this machine to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Called with a sentence when somebody was refused for a reason that the user should know. */
  readonly warn: (text: string) => void;
  /** Certificate and key, in PEM; undefined: plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly publicUrl?: URL | undefined;
  readonly trustedProxies?: readonly string[];
  readonly kept?: KeptAccess;
  /** Answers clients of Transmission's protocol, too. */
  readonly rpc?: Pick<RpcEndOptions, 'rpc' | 'sessionId' | 'credentials'> | undefined;
}

/** The UI over HTTP, and its bridge over WebSocket, for whoever bears the token. */
export class UiServer {
  readonly #o: ServeOptions;
  readonly #access: Access;
  readonly #site: Site;
  readonly #http: Server;
  readonly #connections: Connections;
  readonly #windows: Windows;
  readonly #warnings: Seldom;
  readonly #rpc: RpcEnd | undefined;

  /** Rejects with EnsembleError('network') where it cannot listen. */
  static async open(options: ServeOptions): Promise<UiServer> {
    const server = new UiServer(options);
    await server.#listen();
    return server;
  }

  private constructor(options: ServeOptions) {
    this.#o = options;
    const { host: started, tls, publicUrl, trustedProxies = [] } = options;
    this.#access = new Access(options.clock, options.random, options.kept);
    this.#site = new Site({ started, tls: tls !== undefined, publicUrl, trustedProxies });
    this.#connections = new Connections(options.clock);
    this.#windows = new Windows(options.bridge, options.clock);
    this.#warnings = new Seldom(options.clock, options.warn);
    const warn = (text: string): void => this.#warnings.say(text);
    this.#rpc = options.rpc && new RpcEnd({ ...options.rpc, clock: options.clock, warn });
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#request(request, response);
    const times = { requestTimeout: MAX_REQUEST, headersTimeout: MAX_REQUEST, connectionsCheckingInterval: LOOK };
    const bounds = { ...times, maxHeaderSize: MAX_HEADERS };
    this.#http = tls === undefined ? createServer(bounds, answer) : secureServer(bounds, tls, answer);
    this.#http.maxConnections = MAX_ACCEPTED;
    this.#http.timeout = MAX_SILENCE;
    // Of a connection by TLS requests know the inner end, once its handshake is over.
    this.#http.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.#connections.add(socket),
    );
    // Requests that ask whether they may send more (Expect) are answered like any other.
    this.#http.on('checkContinue', answer);
    this.#http.on('checkExpectation', answer);
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** What to open in a browser; whoever has it controls the downloads. */
  get url(): string {
    return this.#site.url(this.port, this.#access.token);
  }

  /** The sessions, for the next run. */
  get sessions(): readonly KeptSession[] {
    return this.#access.sessions;
  }

  async close(): Promise<void> {
    this.#windows.close();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#connections.close();
    await closed;
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#o;
    const untaken = (error: Error): void =>
      this.#warnings.say(`A connection to the UI could not be taken: ${messageOf(error)}.`);
    await listening(this.#http, { port, host }, untaken).catch((error: unknown) => {
      this.#windows.close();
      throw networkError(`serve the UI at ${host}:${port} (--host, --port)`, error);
    });
  }

  /** Browsers keep cookies by host, not by port: each server has a name of its own. */
  get #cookie(): string {
    return `ensemble-${this.port}`;
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const { socket, headers } = request;
    const rpc = this.#asksRpc(request) ? this.#rpc : undefined;
    const visitor = rpc?.judge(headers, this.#site.requester(request));
    const known =
      rpc === undefined ? this.#access.session(headers.cookie, this.#cookie) !== undefined : visitor === 'right';
    if (!this.#connections.asked(socket, this.#site.requester(request), known)) return;
    response.on('close', () => this.#connections.answered(socket));
    const { secure } = this.#site.seenBy(request);
    for (const [name, value] of securityHeaders(headers.host, secure)) response.setHeader(name, value);
    if (rpc !== undefined && visitor !== undefined) void rpc.answer(request, response, visitor);
    else this.#answer(request, response, known);
  }

  /** What is refused for its name or its origin is no request to it, and counts for nobody. */
  #asksRpc(request: IncomingMessage): boolean {
    const { headers, socket } = request;
    if (!RpcEnd.isAt(this.#placeOf(request) ?? '')) return false;
    return (
      this.#site.isOurs(headers.host, socket.localAddress) &&
      (isExtension(headers.origin) || !this.#site.isForeign(headers))
    );
  }

  /** The path of one of our pages that is asked for; undefined: another one. */
  #placeOf({ url = '' }: IncomingMessage): string | undefined {
    const place = this.#site.pathOf(url.split('?', 1)[0] ?? '');
    return 'path' in place ? place.path : undefined;
  }

  /** Without a session a connection gets one answer and is then closed. */
  #answer(request: IncomingMessage, response: ServerResponse, known: boolean): void {
    const { headers, method = '' } = request;
    if (!known) response.setHeader('Connection', 'close');
    const { base } = this.#site.seenBy(request);
    if (!this.#site.isOurs(headers.host, request.socket.localAddress)) {
      notice(
        response,
        421,
        'This address is not served here. Where a proxy serves it under this name, start it with --public-url.',
      );
      return;
    }
    if (this.#site.isForeign(headers)) {
      crossingPage(response);
      return;
    }
    // curl, and so transmission-remote, calls whatever it sends a form: elsewhere that is no guess at the token.
    if (method === 'POST' && !known && isForm(headers) && this.#placeOf(request) === '/') {
      void this.#enter(request, response, base);
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'Only reading is possible here.');
      return;
    }
    if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') {
      refuse(response, 413, 'Nothing may be sent along here.');
      return;
    }
    // Other forms of a request's target (RFC 9112, 3.2) are for proxies.
    const [, path, query] = /^(\/[^?]*)(?:\?(.*))?$/s.exec(request.url ?? '') ?? [];
    if (path === undefined) {
      refuse(response, 400, 'The address cannot be read.');
      return;
    }
    const place = this.#site.pathOf(path);
    if ('moved' in place) {
      response.writeHead(308, { Location: query === undefined ? place.moved : `${place.moved}?${query}` }).end();
      return;
    }
    const token = new URLSearchParams(query).get('token');
    if (token !== null) this.#arrive(token, known, request, response, base);
    else if (known && place.path.startsWith(PLAY_PATH)) {
      void sendAnswer(response, this.#o.player.answer(method, place.path, headers), MAX_SILENCE);
    } else if (known) {
      // Whoever opens the page stays in for another while.
      const session = place.path === '/' ? this.#access.session(headers.cookie, this.#cookie) : undefined;
      if (session !== undefined) this.#giveCookie(session, request, response);
      this.#file(place.path, response, method === 'HEAD');
    } else entryPage(response, 401, base);
  }

  #giveCookie(session: string, request: IncomingMessage, response: ServerResponse): void {
    const { base, secure } = this.#site.seenBy(request);
    const cookie = `${this.#cookie}=${session}; HttpOnly; SameSite=Strict; Path=${base}; Max-Age=${SESSION_SECONDS}`;
    response.setHeader('Set-Cookie', secure ? `${cookie}; Secure` : cookie);
  }

  /** Somebody typed the token or the password. */
  async #enter(request: IncomingMessage, response: ServerResponse, base: string): Promise<void> {
    const secret = await secretOf(request);
    if (secret === undefined) {
      refuse(response, 413, 'Nothing but the field of our own page may be sent along here.');
      return;
    }
    this.#answered(await this.#access.enter(secret, this.#site.requester(request)), request, response, base);
  }

  #arrive(token: string, known: boolean, request: IncomingMessage, response: ServerResponse, base: string): void {
    if (known) arrivalPage(response, base);
    else this.#answered(this.#access.admit(token, this.#site.requester(request)), request, response, base);
  }

  #answered(admission: Admission, request: IncomingMessage, response: ServerResponse, base: string): void {
    if (admission === 'wrong') {
      this.#warnings.say(`A wrong token or password came from ${this.#site.requester(request)}.`);
      entryPage(response, 403, base, 'The token or password is wrong. The address that was printed last is right.');
    } else if ('wait' in admission) {
      response.setHeader('Retry-After', admission.wait);
      notice(response, 429, `Too many wrong tokens: try again in ${admission.wait} seconds.`);
    } else {
      this.#connections.admitted(request.socket);
      response.removeHeader('Connection');
      this.#giveCookie(admission.session, request, response);
      arrivalPage(response, base);
    }
  }

  #file(name: string, response: ServerResponse, headOnly: boolean): void {
    const file = this.#o.page.get(name);
    if (file === undefined) {
      notice(response, 404, 'There is no such page.');
      return;
    }
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': file.body.length,
      'Cache-Control': file.hashed ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    response.end(headOnly ? undefined : file.body);
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // In `node:http` this stream is the connection.
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    const { host, origin, cookie } = request.headers;
    const requester = this.#site.requester(request);
    const ours = this.#site.isOurs(host, socket.localAddress);
    const foreign = this.#site.isForeign(request.headers) || !this.#site.isOwn(origin, host);
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const token = new URLSearchParams(query).get('token');
    // Programs that ask come with the token itself.
    const verdict =
      this.#access.session(cookie, this.#cookie) !== undefined
        ? 'right'
        : ours && !foreign && token !== null
          ? this.#access.judge(token, requester)
          : 'wrong';
    const known = verdict === 'right';
    const listened = this.#connections.asked(socket, requester, known);
    const place = this.#site.pathOf(path);
    const refused = !ours
      ? '421 Misdirected Request'
      : foreign
        ? '403 Forbidden'
        : !known
          ? typeof verdict === 'object'
            ? '429 Too Many Requests'
            : '401 Unauthorized'
          : !('path' in place) || place.path !== BRIDGE_PATH
            ? '404 Not Found'
            : this.#windows.full
              ? '503 Service Unavailable'
              : undefined;
    if (refused === undefined && listened) this.#windows.open(request, socket, head);
    else {
      socket.end(`HTTP/1.1 ${refused ?? '401 Unauthorized'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      // The other end may never close its half.
      socket.destroySoon();
    }
  }
}

/** Whether an extension of the browser asks, for which the user installed it: no page can say so. */
const isExtension = (origin = ''): boolean => /^(?:chrome|moz|safari-web)-extension:\/\//.test(origin);

/** The same over TLS. Rejects what is no certificate with its key. */
function secureServer(
  bounds: ServerOptions,
  tls: { readonly cert: Buffer; readonly key: Buffer },
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  try {
    return createTlsServer({ ...bounds, ...tls, handshakeTimeout: MAX_REQUEST }, answer);
  } catch (error) {
    throw new EnsembleError('usage', `Certificate and key cannot be used: ${messageOf(error)}.`);
  }
}
