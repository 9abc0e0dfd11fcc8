import { familyOf } from '../base/ip.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import type { Ports } from '../ports/ports.ts';
import type { AnnounceLimits, AnnounceRequest, AnnounceResult, ScrapeAnswer, TrackerClient } from './announce.ts';
import { announceUrl, MAX_ANSWER_BYTES, readHttpAnswer } from './http-announce.ts';
import type { HttpAnswer } from './http-announce.ts';
import { MAX_HTTP_SCRAPED, readScrape, scrapePlace, scrapeUrl } from './scrape.ts';
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
  readonly maxScraped: number;
  readonly #scrapePlace: string | undefined;
  #trackerId: Uint8Array | undefined;

  constructor(options: HttpTrackerOptions) {
    this.#o = options;
    this.#scrapePlace = scrapePlace(options.url);
    this.maxScraped = this.#scrapePlace === undefined ? 0 : MAX_HTTP_SCRAPED;
  }

  async announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceResult> {
    const ask = (place: string): string => announceUrl(place, request, this.#trackerId);
    const response = await getOverRedirects(this.#o.ports, this.#request(limits), ask);
    const answer = response.status === 200 ? readHttpAnswer(response.body) : refusalOf(response);
    this.#trackerId = answer.trackerId ?? this.#trackerId;
    return answer.result;
  }

  async scrape(hashes: readonly InfoHash[], limits: AnnounceLimits): Promise<ScrapeAnswer> {
    if (this.#scrapePlace === undefined) throw new EnsembleError('tracker', 'The tracker tells no numbers of peers');
    const get = { ...this.#request(limits), url: this.#scrapePlace };
    const { status, body } = await getOverRedirects(this.#o.ports, get, (place) => scrapeUrl(place, hashes));
    if (status !== 200) throw new EnsembleError('tracker', `The tracker answered with HTTP status ${status}`);
    return readScrape(body, hashes);
  }

  #request(limits: AnnounceLimits): HttpRequest {
    const { url, address } = this.#o;
    return {
      url,
      ...(address !== undefined && { localAddress: address, family: familyOf(address) }),
      timeout: millis(Math.min(TIMEOUT, limits.total ?? TIMEOUT)),
      maxBytes: MAX_ANSWER_BYTES,
      mayBeCut: true,
      mayShare: true,
      signal: limits.signal,
    };
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
