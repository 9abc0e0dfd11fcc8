import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import type { Ports } from '../ports/ports.ts';
import type { AnnounceLimits, AnnounceRequest, AnnounceResult, TrackerClient } from './announce.ts';
import { announceUrl, MAX_ANSWER_BYTES, readHttpAnswer } from './http-announce.ts';
import type { HttpAnswer } from './http-announce.ts';
import { getOverRedirects } from './redirects.ts';

const TIMEOUT = 30_000;
const LONGEST_RETRY_AFTER = 24 * 3_600_000;

export interface HttpTrackerOptions {
  readonly ports: Pick<Ports, 'http' | 'clock'>;
  readonly url: string;
  /** Announce from this local address, or not at all. */
  readonly address?: string;
}

/** A tracker spoken to by HTTP or HTTPS (BEP 3). */
export class HttpTracker implements TrackerClient {
  readonly #o: HttpTrackerOptions;
  #trackerId: Uint8Array | undefined;

  constructor(options: HttpTrackerOptions) {
    this.#o = options;
  }

  async announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceResult> {
    const { ports, url, address } = this.#o;
    const get: HttpRequest = {
      url,
      ...(address !== undefined && { localAddress: address, family: address.includes(':') ? 6 : 4 }),
      timeout: millis(Math.min(TIMEOUT, limits.total ?? TIMEOUT)),
      maxBytes: MAX_ANSWER_BYTES,
      mayBeCut: true,
      signal: limits.signal,
    };
    const ask = (place: string): string => announceUrl(place, request, this.#trackerId);
    const response = await getOverRedirects(ports, get, ask);
    const answer = response.status === 200 ? readHttpAnswer(response.body) : refusalOf(response);
    this.#trackerId = answer.trackerId ?? this.#trackerId;
    return answer.result;
  }

  close(): void {
    this.#trackerId = undefined;
  }
}

/** Some trackers say why in the body of an HTTP error, and how long to wait there or in its headers. */
function refusalOf({ status, body, retryAfter }: HttpResponse): HttpAnswer {
  const wait = retryAfter === undefined ? undefined : millis(Math.min(retryAfter, LONGEST_RETRY_AFTER));
  const reason = `The tracker answered with HTTP status ${status}`;
  try {
    const { result } = readHttpAnswer(body);
    if (result.kind === 'refusal') return { result: wait === undefined ? result : { retryIn: wait, ...result } };
  } catch {
    // No bencoded reason: the status is all there is to say.
  }
  if (wait === undefined) throw new EnsembleError('tracker', reason);
  return { result: { kind: 'refusal', reason, retryIn: wait } };
}
