import type { Endpoint } from '../base/endpoint.ts';

/** A request without a body, of which the head has been read. */
export interface ServedRequest {
  /** In capitals. */
  readonly method: string;
  /** The path as it was asked for, encoded, without a query. */
  readonly path: string;
  /** A header by its name in small letters. */
  header(name: string): string | undefined;
}

/** What a request is answered with. */
export interface ServedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /**
   * The body, piece by piece; each is asked for when the one before has left. It may wait for its next piece as long as it likes: the
   * answer is held. `signal` is aborted when nobody listens any more. Where it throws, the connection is closed.
   */
  readonly body?: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

export interface HttpListenOptions {
  /** Name or address of this machine. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  answer(request: ServedRequest): ServedAnswer;
  /** Whether nobody at this address gets anything now; undefined: everybody may. */
  readonly barred?: (host: string) => boolean;
}

/** A server that listens. */
export interface HttpListener {
  readonly local: Endpoint;
  /** Closes all connections. */
  close(): Promise<void>;
}
