import { millis } from '../base/ids.ts';
import type { FeedAnswer, Validators } from '../engine/feeds.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import { getOverRedirects } from './redirects.ts';

const PATIENCE = millis(30_000);
/** Longer values are not sent back. */
const MAX_VALIDATOR = 512;

/** Fetches a feed of at most `maxBytes`, from this local address or not at all; undefined: the system chooses. Rejects with a sentence. */
export async function fetchFeed(
  ports: { readonly http: Http; readonly clock: Clock },
  request: { readonly url: string; readonly known: Validators; readonly maxBytes: number; readonly address?: string },
  signal?: AbortSignal,
): Promise<FeedAnswer> {
  const { url, known, maxBytes, address } = request;
  const answer = await getOverRedirects(
    ports,
    {
      url,
      timeout: PATIENCE,
      maxBytes,
      headers: {
        Accept: 'application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5',
        ...(known.etag !== undefined && { 'If-None-Match': known.etag }),
        ...(known.lastModified !== undefined && { 'If-Modified-Since': known.lastModified }),
      },
      ...(address !== undefined && { localAddress: address }),
      ...(signal !== undefined && { signal }),
    },
    (place) => place,
    'The server',
  );
  const { status, body, scope, retryAfter } = answer;
  if (status === 304) return { body: undefined, validators: known, scope };
  if (status !== 200) return { refused: `The server answers ${status}. Check the address.`, retryAfter };
  const etag = usable(answer.etag);
  const lastModified = usable(answer.lastModified);
  const validators = { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
  return { body, validators, scope };
}

function usable(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= MAX_VALIDATOR && /^[\x20-\x7e]+$/.test(value) ? value : undefined;
}
