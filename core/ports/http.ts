import type { Millis } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';

export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leave from this local address, or not at all. */
  readonly localAddress?: string;
  /** 4 or 6: only over this family. */
  readonly family?: 4 | 6;
  readonly timeout: Millis;
  /** A longer body (after decoding) is an error: it is not read on. */
  readonly maxBytes: number;
  /** Connect to no address that lies further in than this, however a name resolves; undefined: to any. */
  readonly innermost?: Scope;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Decoded: chunked and gzip are undone. */
  readonly body: Uint8Array;
  /** Address of the server that answered. */
  readonly remoteAddress?: string;
  /** Where it sends us instead (status 301, 302, 303, 307 or 308), as it wrote it. */
  readonly location?: string;
}

/** HTTP GET. Redirects are not followed. Rejects with EnsembleError('network'). */
export interface Http {
  get(request: HttpRequest): Promise<HttpResponse>;
}
