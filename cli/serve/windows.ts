import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_TORRENT_BYTES } from '../../core/base/bounds.ts';
import { millis } from '../../core/base/ids.ts';
import type { BridgeHost } from '../../core/bridge/host/host.ts';
import { type HostSocket, hostSocketTransport } from '../../core/bridge/host/host-socket.ts';
import { COMMAND_BOUNDS } from '../../core/bridge/line/message-bounds.ts';
import type { Clock, Timer } from '../../core/ports/clock.ts';

/** Room for the largest torrent file and the rest of its message. */
const MAX_MESSAGE = MAX_TORRENT_BYTES + COMMAND_BOUNDS.json;
const MAX_WINDOWS = 32;
/** Most bytes of incomplete messages, over all windows; with more, the window with the longest one is closed. */
const MAX_BEGUN = 2 * MAX_MESSAGE;
/** A window that has been silent for this long gets a ping; if it stays silent for as long again, it counts as gone. */
const HEARTBEAT = millis(30_000);
/**
 * A window counts as gone when for this long nothing comes from it, not even an answer to a ping, and it takes nothing of what
 * waits for it.
 */
const MAX_SILENCE = 2 * HEARTBEAT;
/** How long a window may take for its part of a closing handshake, in ms. */
const CLOSING = 5000;

interface Line {
  readonly socket: Socket;
  /** How many bytes had come when its last message was complete. */
  whole: number;
}

/** All windows of the served UI, each over a WebSocket. Whether somebody may have one was checked before. */
export class Windows {
  readonly #bridge: BridgeHost;
  readonly #server: WebSocketServer;
  readonly #timer: Timer;
  readonly #lines = new Map<WebSocket, Line>();
  readonly #alive = new WeakSet<WebSocket>();

  constructor(bridge: BridgeHost, clock: Clock) {
    this.#bridge = bridge;
    // No compression, by which a small message could become large; `ws` itself bounds fragments of a message and unsent pongs.
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
   * A window that did not answer the last ping counts as gone, even if its connection is open. One that is behind, or from which
   * nothing is read at the moment, gets no ping, as its answer would not be read: its socket's own time-out ends it, which Node
   * resets whenever the window takes some of what waits.
   */
  #beat(): void {
    for (const [window, { socket }] of this.#lines) {
      if (socket.writableLength > 0 || window.isPaused) this.#alive.add(window);
      else if (this.#alive.delete(window)) window.ping();
      else window.terminate();
    }
  }

  /** Closes windows whose unfinished messages would fill the memory. */
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

/** Bytes of a message that is not complete yet, with what came between its parts. */
function begun({ socket, whole }: Line): number {
  return socket.bytesRead - whole;
}
