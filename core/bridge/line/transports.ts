import { EnsembleError } from '../../base/errors.ts';
import { decodeMessage, encodeMessage } from './codec.ts';
import type { BridgeTransport } from '../contract.ts';
import type { MessageBounds } from './message-bounds.ts';

/** Where the served UI's bridge is: `new WebSocket(`ws://${location.host}${BRIDGE_PATH}`)`. */
export const BRIDGE_PATH = '/bridge';

/** What the WebSockets of browsers and of `ws` have in common. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** `sent`: called when the data has left or never will, if the socket reports that. */
  send(data: Uint8Array, sent?: () => void): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'close' | 'error' | 'message', listener: (event: { data?: unknown }) => void): void;
}

const OPEN = 1;
/** "Unsupported data" (RFC 6455, 7.4.1). */
const UNREADABLE = 1003;

/** What the program's end of a WebSocket does in addition to a window's end, which trusts the program. */
export interface Guard {
  readonly bounds: MessageBounds;
  /** A message of so many bytes came; `dealt` settles when it has been handled. */
  came(bytes: number, dealt: unknown): void;
  /** Something was posted, or has left. */
  changed(): void;
  drained(): Promise<void> | undefined;
}

/** A WebSocket as a transport. A frame that cannot be read ends the connection, and nothing that follows it is looked at. */
export function socketTransport(socket: SocketLike, guard?: Guard): BridgeTransport {
  socket.binaryType = 'arraybuffer';
  let closed = false;
  let unreadable = false;
  const closers: (() => void)[] = [];
  const ended = (): void => {
    if (closed) return;
    closed = true;
    for (const closer of closers) closer();
  };
  socket.addEventListener('close', ended);
  socket.addEventListener('error', ended);
  return {
    post: (message) => {
      if (socket.readyState !== OPEN) return;
      socket.send(encodeMessage(message), guard?.changed);
      guard?.changed();
    },
    onMessage: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        if (closed || unreadable) return;
        let message: unknown;
        try {
          if (!(data instanceof ArrayBuffer)) throw new EnsembleError('invalid-message', 'A text frame came.');
          message = decodeMessage(new Uint8Array(data), guard?.bounds);
        } catch {
          unreadable = true;
          socket.close(UNREADABLE);
          return;
        }
        const dealt = listener(message);
        guard?.came((data as ArrayBuffer).byteLength, dealt);
      }),
    onClose: (listener) => void closers.push(listener),
    close: () => socket.close(),
    get backlog() {
      return socket.bufferedAmount;
    },
    drained: () => guard?.drained(),
  };
}

/** Waits until a socket is open. */
export function connectSocket(socket: SocketLike): Promise<BridgeTransport> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socketTransport(socket)));
    const failed = (): void => reject(new EnsembleError('network', 'The program cannot be reached.'));
    socket.addEventListener('error', failed);
    socket.addEventListener('close', failed);
  });
}

/** What a MessagePort has, in a browser, in Node and in Electron's main process alike. */
export interface PortLike {
  postMessage(message: unknown): void;
  close(): void;
}

/** A message port as a transport; `listen` is called with the functions for its messages and its end. */
export function portTransport(
  port: PortLike,
  listen: (handlers: { message(data: unknown): void; closed(): void }) => void,
): BridgeTransport {
  let receive: (message: unknown) => void = () => {};
  let closed = false;
  const closers: (() => void)[] = [];
  const ended = (): void => {
    if (closed) return;
    closed = true;
    for (const closer of closers) closer();
  };
  return {
    post: (message) => {
      if (!closed) port.postMessage(message);
    },
    onMessage: (listener) => {
      receive = listener;
      listen({ message: (data) => receive(data), closed: ended });
    },
    onClose: (listener) => void closers.push(listener),
    close: () => {
      port.close();
      ended();
    },
    backlog: 0,
    drained: () => undefined,
  };
}

/** Two ends in one process: each gets copies of what the other posts, once current events are handled (`soon`). */
export function memoryTransports(soon: (task: () => void) => void): [BridgeTransport, BridgeTransport] {
  const closers: (() => void)[] = [];
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const closer of closers) closer();
  };
  const receivers: ((message: unknown) => void)[] = [() => {}, () => {}];
  const end = (mine: number, other: number): BridgeTransport => ({
    post: (message) => {
      if (closed) return;
      const copy = structuredClone(message);
      soon(() => {
        if (!closed) receivers[other]?.(copy);
      });
    },
    onMessage: (listener) => void (receivers[mine] = listener),
    onClose: (listener) => void closers.push(listener),
    close,
    backlog: 0,
    drained: () => undefined,
  });
  return [end(0, 1), end(1, 0)];
}
