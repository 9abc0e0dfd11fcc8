import type { EncryptionKind, TransportName } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { Millis } from '../base/ids.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from './datagram.ts';

/** One stream connection (requirements B1), over TCP or another transport. */
export interface Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Whether we dialled it. */
  readonly outgoing: boolean;
  /** What carries it; undefined: TCP. */
  readonly transport?: TransportName;
  /** How it is encrypted, once both sides have agreed; undefined: it is not. */
  readonly encryption?: EncryptionKind | undefined;
  /** Bytes given to `write` that have not left yet. */
  readonly queued: number;
  /**
   * Queues bytes. The memory is the connection's from now on: do not change it, nor rely on it, as encryption changes it.
   * False when not all of it has left yet: `drained` tells when it has.
   */
  write(data: Uint8Array): boolean;
  /** Between `cork` and `uncork` writes are collected and leave together. */
  cork(): void;
  uncork(): void;
  /** Stops and restarts reading (back-pressure). */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** From now on `handler` hears of it instead of who heard before, `closed` included. */
  handOver(handler: ConnectionHandler): void;
}

/** Why a connection ended or never came to be. */
export type CloseReason =
  /** `end` or `destroy` was called here. */
  | { readonly kind: 'local' }
  /** The other side closed in good order. */
  | { readonly kind: 'remote' }
  /** `silence`: nothing came; `stuck`: nothing could be written; `connect`: no answer in time. */
  | { readonly kind: 'timeout'; readonly what: 'connect' | 'silence' | 'stuck' }
  /** The operating system reported an error; `code` is its name, such as ECONNREFUSED. */
  | { readonly kind: 'error'; readonly code: string };

/** Hears what happens to a connection. */
export interface ConnectionHandler {
  /** A dialled connection is established. Not called for accepted ones. */
  connected?(connection: Connection): void;
  /** Bytes came. `data` is valid only during the call: copy what you keep. It is the handler's alone, which may change it. */
  data(connection: Connection, data: Uint8Array): void;
  /** All that was queued has left, after `write` returned false. */
  drained?(connection: Connection): void;
  /** Over, for whatever reason; whoever hears of it by then is told exactly once, also of a dial that failed. Nothing follows. */
  closed(connection: Connection, reason: CloseReason): void;
}

/** What a proxy is told before it connects us with somebody; one for each connection. It has neither clock nor socket. */
export interface ProxyTalk {
  /** Sent as soon as the proxy is connected. */
  begin(): Uint8Array;
  /** Bytes of the proxy came. After `open` and `failed` it is not called again. */
  received(data: Uint8Array): ProxyStep;
  /** It has been told whom we want: from here on it is the target that takes its time. */
  readonly asked: boolean;
}

export type ProxyStep =
  | { readonly kind: 'more'; readonly send?: Uint8Array }
  /** From now on the connection is with the target; `rest` are bytes of the target that came along. */
  | { readonly kind: 'open'; readonly rest: Uint8Array }
  /** Why there is no connection: as from a direct dial where it is the target's fault, EPROXY or EPROXYAUTH where it is the proxy's. */
  | { readonly kind: 'failed'; readonly code: string };

/** The way by a proxy. */
export interface ViaProxy {
  readonly proxy: Endpoint;
  readonly talk: ProxyTalk;
}

export interface DialOptions {
  readonly remote: Endpoint;
  /**
   * Connect to this proxy and have it connect us with `remote`, which may be a name. `localAddress` is for the connection with the
   * proxy, `connected` comes when the target is connected, and where the proxy itself fails the connection closes with EPROXY.
   */
  readonly via?: ViaProxy;
  /** Dial from this local address, or not at all. */
  readonly localAddress?: string;
  readonly connectTimeout: Millis;
  /** Speak TLS: connected once the certificate is that of this name or address, else closed with the error's code. */
  readonly tls?: string;
  /** The connection is closed when nothing is received for this long. */
  readonly silenceTimeout: Millis;
  /** The connection is closed when none of the queued bytes leave for this long. */
  readonly stuckTimeout: Millis;
}

export interface ListenOptions {
  /** Local address; undefined: all of them. */
  readonly address?: string;
  /** 0: any free one. */
  readonly port: number;
  readonly silenceTimeout: Millis;
  readonly stuckTimeout: Millis;
}

export interface Listener {
  /** The address and port on which it actually listens. */
  readonly local: Endpoint;
  /** How many connections it accepted that are not closed; at most `MAX_ACCEPTED`, further ones are refused. */
  readonly standing: number;
  close(): Promise<void>;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The network. */
export interface Net {
  /** Dials; the outcome comes through the handler. `localAddress` that is gone: `closed` with EADDRNOTAVAIL. */
  dial(options: DialOptions, handler: ConnectionHandler): Connection;
  /** Listens; each accepted connection gets the handler that `accept` returns, or is closed for undefined. Rejects with EnsembleError('network'). */
  listen(options: ListenOptions, accept: (connection: Connection) => ConnectionHandler | undefined): Promise<Listener>;
  /** Opens a UDP socket. Rejects with EnsembleError('network') where the system refuses: the address is gone, the port taken. */
  datagram(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket>;
  /**
   * Addresses of a name, of both families, in the system's order; a literal resolves to itself. With `from`, a local address, those
   * of its family alone, looked up from there at the name servers of its own link (invariant 8), or not at all while the address is
   * gone; see `ownNameServers`. Rejects with EnsembleError('network').
   */
  resolve(host: string, from?: string): Promise<readonly ResolvedAddress[]>;
  /** Whether the name servers of this local address' link are known. If not, the system looks names up, perhaps over another link. */
  ownNameServers(from: string): Promise<boolean>;
  /**
   * Whether the system knows a way to the internet, from this local address where one is given; undefined where it does not tell just now.
   * Nothing is sent. Never rejects.
   */
  leadsOut(family: 4 | 6, from?: string): Promise<boolean | undefined>;
}
