import type { Millis } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { StopSignal } from '../base/stopper.ts';
import type { ViaProxy } from './net.ts';

export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Connect from this local address, or not at all. */
  readonly localAddress?: string;
  /** Makes the way to a server by a proxy, which looks its name up: as `DialOptions.via`. */
  readonly via?: (server: Endpoint) => ViaProxy;
  /** Use only this address family. */
  readonly family?: 4 | 6;
  readonly timeout: Millis;
  /** A longer body (after decoding) is an error, and is not read to its end. */
  readonly maxBytes: number;
  /** Connect to no address that lies further inside than this, whatever a name resolves to; undefined: to any. */
  readonly innermost?: Scope;
  /** Take a body of which the end is missing as it is, for what shows by itself whether it is complete; else it is an error. */
  readonly mayBeCut?: boolean;
  /**
   * It may go over a connection that served another such request, and leave its own to the next: for servers that are asked the same by
   * many downloads. It may be sent twice, as a server may close a connection at the moment when it is used again.
   */
  readonly mayShare?: boolean;
  readonly signal?: StopSignal;
}

/** A request that brings something along. */
export interface HttpPost extends HttpRequest {
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  /** Decoded: chunked encoding and compression are undone. */
  readonly body: Uint8Array;
  /** How far in the server that answered lies; absent where that is not known. */
  readonly scope?: Scope;
  /** Where it redirects to (status 301, 302, 303, 307 or 308), as the server wrote it. */
  readonly location?: string;
  /** How long to wait before asking again, where it says so (`Retry-After`). */
  readonly retryAfter?: Millis;
  /** What to ask with so that only what is new since is sent (`ETag`, `Last-Modified`), as the server wrote it. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** HTTP. Redirects are not followed; of several addresses of a server those that do not answer are passed over. Rejects with EnsembleError('network'). */
export interface Http {
  get(request: HttpRequest): Promise<HttpResponse>;
  post(request: HttpPost): Promise<HttpResponse>;
}
