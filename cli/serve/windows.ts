import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_TORRENT_BYTES } from '../../core/base/bounds.ts';
import { millis } from '../../core/base/ids.ts';
import type { BridgeHost } from '../../core/bridge/host.ts';
import { type HostSocket, hostSocketTransport } from '../../core/bridge/host-socket.ts';
import { COMMAND_BOUNDS } from '../../core/bridge/message-bounds.ts';
import type { Clock, Timer } from '../../core/ports/clock.ts';

/** A torrent file of the largest size, with room for the rest of its message. */
const MAX_MESSAGE = MAX_TORRENT_BYTES + COMMAND_BOUNDS.json;
const MAX_WINDOWS = 32;
/** A window that has said nothing for so long is asked; where it still says nothing for as long, it is gone. */
const HEARTBEAT = millis(30_000);
/** Milliseconds that a window has for its part of a closing handshake. */
const CLOSING = 5000;

/** Every browser's window of the served UI, each over a WebSocket. Who may have one has been asked before. */
export class Windows {
  readonly #bridge: BridgeHost;
  readonly #server: WebSocketServer;
  readonly #timer: Timer;
  /** `taken`: bytes, when it was last asked. */
  readonly #lines = new WeakMap<WebSocket, { readonly socket: Socket; taken: number }>();
  readonly #alive = new WeakSet<WebSocket>();

  constructor(bridge: BridgeHost, clock: Clock) {
    this.#bridge = bridge;
    // Compression would make much of little; `ws` itself bounds fragments of a message and pongs that nobody takes.
    const options = { noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false, closeTimeout: CLOSING };
    this.#server = new WebSocketServer(options);
    this.#timer = clock.every(HEARTBEAT, () => this.#beat());
  }

  get full(): boolean {
    return this.#server.clients.size >= MAX_WINDOWS;
  }

  /** Answers a request for a WebSocket; one that is none ends its connection. */
  open(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (window) => {
      this.#alive.add(window);
      this.#lines.set(window, { socket, taken: 0 });
      window.on('pong', () => this.#alive.add(window));
      this.#bridge.attach(hostSocketTransport(window as unknown as HostSocket));
    });
  }

  close(): void {
    this.#timer.cancel();
    for (const window of this.#server.clients) window.terminate();
  }

  /** A window that neither answered the last ping nor took any of what waits for it is gone, whatever its connection says. */
  #beat(): void {
    for (const window of this.#server.clients) {
      if (!this.#alive.has(window) && !this.#takes(window)) window.terminate();
      else {
        this.#alive.delete(window);
        window.ping();
      }
    }
  }

  /** Whether one that is behind has taken something since it was last asked: its answer to the ping waits behind all that. */
  #takes(window: WebSocket): boolean {
    const line = this.#lines.get(window);
    if (line === undefined || line.socket.writableLength === 0) return false;
    const taken = line.socket.bytesWritten - line.socket.writableLength;
    const more = taken !== line.taken;
    line.taken = taken;
    return more;
  }
}
