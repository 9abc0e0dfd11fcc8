import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_TORRENT_BYTES } from '../../core/base/bounds.ts';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import { isWildcard } from '../../core/base/ip.ts';
import type { BridgeHost } from '../../core/bridge/host.ts';
import { BRIDGE_PATH, type SocketLike, socketTransport } from '../../core/bridge/transports.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';
import { millis } from '../../core/base/ids.ts';
import { Access, isOurHost, isOurOrigin } from './access.ts';
import { arrivalPage, notice, securityHeaders } from './answers.ts';
import type { PageFile } from './page.ts';

/** A torrent file of the largest size, with room for the rest of its message. */
const MAX_MESSAGE = MAX_TORRENT_BYTES + 4 * 1024 * 1024;
const MAX_WINDOWS = 32;
const MAX_CONNECTIONS = 128;
const HEARTBEAT = millis(30_000);
/** Any: of what is asked for only path and query count. */
const BASE = 'http://ensemble';

export interface ServeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly bridge: BridgeHost;
  readonly page: ReadonlyMap<string, PageFile>;
  /** A name or address of this machine. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Hears a sentence when somebody was refused for good reason. */
  readonly warn: (text: string) => void;
}

/** The UI over HTTP, and its bridge over WebSocket, for whoever bears the token. */
export class UiServer {
  readonly #o: ServeOptions;
  readonly #access: Access;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  readonly #alive = new WeakSet<WebSocket>();
  readonly #heartbeat: { cancel(): void };

  /** Rejects with EnsembleError('network') where it cannot listen. */
  static async open(options: ServeOptions): Promise<UiServer> {
    const server = new UiServer(options);
    await server.#listen();
    return server;
  }

  private constructor(options: ServeOptions) {
    this.#o = options;
    this.#access = new Access(options.clock, options.random);
    this.#http = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) =>
      this.#request(request, response),
    );
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#heartbeat = options.clock.every(HEARTBEAT, () => this.#beat());
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** What to open in a browser; whoever has it controls the downloads. */
  get url(): string {
    const { host } = this.#o;
    const name = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${this.port}/?token=${this.#access.token}`;
  }

  async close(): Promise<void> {
    this.#heartbeat.cancel();
    for (const socket of this.#sockets.clients) socket.terminate();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await closed;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#o;
    return new Promise((resolve, reject) => {
      this.#http.once('error', (error) => {
        this.#heartbeat.cancel();
        const where = `${host}:${port}`;
        reject(
          new EnsembleError(
            'network',
            `The UI cannot be served at ${where}: ${messageOf(error)}. Take another --port or --host.`,
          ),
        );
      });
      this.#http.listen(port, host, () => resolve());
    });
  }

  /** Browsers keep cookies by host, not by port: each server has a name of its own. */
  get #cookie(): string {
    return `ensemble-${this.port}`;
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const { host } = request.headers;
    for (const [name, value] of securityHeaders(host)) response.setHeader(name, value);
    if (!isOurHost(host, this.#o.host, request.socket.localAddress)) {
      notice(response, 421, 'This address is not served here.');
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined && !isOurOrigin(origin, host)) {
      notice(response, 403, 'Another page may not ask for this.');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      notice(response, 405, 'Only reading is possible here.');
      return;
    }
    const asked = request.url ?? '';
    if (!URL.canParse(asked, BASE)) {
      notice(response, 400, 'The address cannot be read.');
      return;
    }
    const url = new URL(asked, BASE);
    const token = url.searchParams.get('token');
    if (token !== null) this.#arrive(token, request, response);
    else if (!this.#access.knows(request.headers.cookie, this.#cookie)) {
      notice(response, 401, 'Open the address that `ensemble serve` printed: it bears the token that lets you in.');
    } else this.#file(url.pathname, response, request.method === 'HEAD');
  }

  #arrive(token: string, request: IncomingMessage, response: ServerResponse): void {
    const address = request.socket.remoteAddress ?? '';
    const admission = this.#access.admit(token, address);
    if (admission === 'wrong') {
      this.#o.warn(`A wrong token came from ${address}.`);
      notice(response, 403, 'The token is wrong: open the address that `ensemble serve` printed last.');
    } else if ('wait' in admission) {
      response.setHeader('Retry-After', admission.wait);
      notice(response, 429, `Too many wrong tokens: try again in ${admission.wait} seconds.`);
    } else {
      response.setHeader('Set-Cookie', `${this.#cookie}=${admission.session}; HttpOnly; SameSite=Strict; Path=/`);
      arrivalPage(response);
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

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { host, origin, cookie } = request.headers;
    const refused = !isOurHost(host, this.#o.host, request.socket.localAddress)
      ? '421 Misdirected Request'
      : !isOurOrigin(origin, host)
        ? '403 Forbidden'
        : !this.#access.knows(cookie, this.#cookie)
          ? '401 Unauthorized'
          : request.url !== BRIDGE_PATH
            ? '404 Not Found'
            : this.#sockets.clients.size >= MAX_WINDOWS
              ? '503 Service Unavailable'
              : undefined;
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#alive.add(webSocket);
      webSocket.on('pong', () => this.#alive.add(webSocket));
      this.#o.bridge.attach(socketTransport(webSocket as unknown as SocketLike));
    });
  }

  /** A window that did not answer the last ping is gone, whatever its connection says. */
  #beat(): void {
    for (const socket of this.#sockets.clients) {
      if (!this.#alive.has(socket)) socket.terminate();
      else {
        this.#alive.delete(socket);
        socket.ping();
      }
    }
  }
}
