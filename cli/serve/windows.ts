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
/** Bytes of messages that have begun to come, over all windows; where there are more the window with the longest is closed. */
const MAX_BEGUN = 2 * MAX_MESSAGE;
/** A window that has said nothing for so long is asked; where it still says nothing for as long, it is gone. */
const HEARTBEAT = millis(30_000);
/** Milliseconds in which nothing comes from a window, not even its answer to a ping, and it takes nothing of what waits for it. */
const MAX_SILENCE = 2 * HEARTBEAT;
/** Milliseconds that a window has for its part of a closing handshake. */
const CLOSING = 5000;

interface Line {
  readonly socket: Socket;
  /** Bytes that had come when its last message was whole. */
  whole: number;
}

/** Every browser's window of the served UI, each over a WebSocket. Who may have one has been asked before. */
export class Windows {
  readonly #bridge: BridgeHost;
  readonly #server: WebSocketServer;
  readonly #timer: Timer;
  readonly #lines = new Map<WebSocket, Line>();
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
      const line: Line = { socket, whole: socket.bytesRead };
      this.#lines.set(window, line);
      window.on('close', () => this.#lines.delete(window));
      window.on('message', () => (line.whole = socket.bytesRead));
      socket.on('data', () => this.#came(line));
      socket.setTimeout(MAX_SILENCE, () => window.terminate());
      window.on('pong', () => this.#alive.add(window));
      this.#bridge.attach(hostSocketTransport(window as unknown as HostSocket));
    });
  }

  close(): void {
    this.#timer.cancel();
    for (const window of this.#server.clients) window.terminate();
  }

  /**
   * A window that did not answer the last ping is gone, whatever its connection says. One that is behind, or of which nothing
   * is read at the moment, is not asked, as its answer would not be heard: its socket's own timeout ends it, which Node sets
   * back whenever some of what waits is taken.
   */
  #beat(): void {
    for (const [window, { socket }] of this.#lines) {
      if (socket.writableLength > 0 || window.isPaused) this.#alive.add(window);
      else if (this.#alive.delete(window)) window.ping();
      else window.terminate();
    }
  }

  /** Messages that never end must not fill the memory. */
  #came(line: Line): void {
    if (begun(line) < COMMAND_BOUNDS.json) return;
    const lines = [...this.#lines];
    if (lines.reduce((sum, [, one]) => sum + begun(one), 0) <= MAX_BEGUN) return;
    const [longest] = lines.sort(([, one], [, other]) => begun(other) - begun(one))[0] ?? [];
    if (longest === undefined) return;
    this.#lines.delete(longest);
    longest.terminate();
  }
}

/** Bytes of a message that is not whole yet, with what came between its parts. */
function begun({ socket, whole }: Line): number {
  return socket.bytesRead - whole;
}
