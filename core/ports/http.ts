import type { Millis } from '../base/ids.ts';

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
  readonly maxRedirects: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Decoded: chunked and gzip are undone. */
  readonly body: Uint8Array;
  /** Address of the server that answered. */
  readonly remoteAddress?: string;
}

/** HTTP GET. Rejects with EnsembleError('network'). Redirects stay within http and https. */
export interface Http {
  get(request: HttpRequest): Promise<HttpResponse>;
}
