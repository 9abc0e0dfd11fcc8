import { messageOf } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { remembered } from '../base/remembered.ts';
import type { Millis } from '../base/ids.ts';
import type { AnnounceAnswer, AnnounceLimits, AnnounceRequest, ScrapeCounts, TrackerClient } from './announce.ts';
import { type AnnounceRank, announceTurnsOf } from './announce-turns.ts';
import { openTracker } from './tracker-client.ts';
import type { TrackerPorts } from './tracker-client.ts';
import type { TrackerStatus } from '../engine/statuses.ts';

/** The first wait after a failure. It doubles each time up to the last one, and a random time of up to the same length is added. */
const FIRST_BACKOFF = 10_000;
const LAST_BACKOFF = 30 * 60_000;
/** The wait where it was to be asked again while that was under way. */
const SOON = 1000;
const MAX_MESSAGE = 200;
/** The least time between announces that are not due by the interval, where the tracker names none. */
const LEAST_BETWEEN = 60_000;
const LEAST_BEFORE_CORRECTION = 5_000;
/** A link may carry nothing for so long before the system sees that it leads nowhere. */
const BEFORE_NO_WAY = 30_000;
/** So often it may be told anew at once that we begin; then there is as much time between as between other announces. */
const BEGINNINGS = 4;

const labelOf = remembered(256, (url) => (URL.canParse(url) ? new URL(url).host : url.slice(0, 80)));

/** One tracker of one download: what it was told, what it answered, when it may be asked again. */
export class Tracker {
  readonly url: string;
  tier: number;
  /** It answered a `started`, and no `stopped` since. */
  started = false;
  /** It was told `completed`, or does not have to be. */
  toldCompleted = false;
  /** When it last answered. */
  lastAt: Millis | undefined;
  interval: Millis = millis(0);
  minInterval: Millis | undefined;
  /** The port that it was told last. */
  port: number | undefined;
  readonly #ports: TrackerPorts;
  readonly #client: TrackerClient | undefined;
  /** Not asked before these times: by our own back-off after failures, and because the tracker wants so. Infinity: never. */
  #retryAt = 0;
  #notBefore = 0;
  #failures = 0;
  #failedAt: Millis | undefined;
  /** It was asked since we began. */
  #asked = false;
  /** When it would have been told of all our beginnings, had there been such a time between them. */
  #toldBy = 0;
  /** It was to be asked again while it was asked. */
  #again = false;
  #state: TrackerStatus['state'] = 'idle';
  #message: string | undefined;
  #announced: ScrapeCounts = {};
  #scraped: ScrapeCounts = {};

  constructor(ports: TrackerPorts, url: string, tier: number, address: string | undefined) {
    this.url = url;
    this.tier = tier;
    this.#ports = ports;
    try {
      this.#client = openTracker(ports, url, address);
    } catch (error) {
      this.#fail(messageOf(error));
      this.#notBefore = Infinity;
    }
  }

  /** An announce is under way. */
  get busy(): boolean {
    return this.#state === 'announcing';
  }

  /** When it may be asked again without an event. */
  get readyAt(): number {
    if (this.busy) return Infinity;
    const allowed = Math.max(this.#retryAt, this.#notBefore);
    if (this.lastAt === undefined) return allowed;
    return Math.max(allowed, this.lastAt + (this.minInterval ?? LEAST_BETWEEN));
  }

  /** It answers, but not with how many peers it knows. */
  get wantsCounts(): boolean {
    return this.#state === 'working' && Object.keys(this.#announced).length < 2;
  }

  /** It was scraped. */
  told(counts: ScrapeCounts): void {
    this.#scraped = counts;
  }

  /** When it may be told that what it was told last is not so any more. */
  get correctableAt(): number {
    return Math.max(this.#retryAt, this.#notBefore, (this.lastAt ?? 0) + LEAST_BEFORE_CORRECTION);
  }

  /** Ends our own back-off; a wait that the tracker asked for still holds. */
  retryNow(): void {
    this.#retryAt = 0;
    this.#again = this.busy;
  }

  /** There is a way to it again: what failed since then, or shortly before, did not fail for its own sake. */
  wayCame(since: Millis): void {
    if (this.busy || (this.#failedAt !== undefined && this.#failedAt >= since - BEFORE_NO_WAY)) this.retryNow();
  }

  /** Its host. */
  get host(): string {
    return URL.canParse(this.url) ? new URL(this.url).hostname : '';
  }

  /** Its name for people. */
  get label(): string {
    return labelOf(this.url);
  }

  /** Announces; undefined where it failed: then it has to wait until `readyAt`. */
  async announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceAnswer | undefined> {
    if (!this.#client) return undefined;
    this.#state = 'announcing';
    this.#again = false;
    this.#asked = true;
    const done = await announceTurnsOf(this.#ports.clock).enter(this.label, rankOf(request), limits.signal);
    if (done === undefined) {
      this.#state = 'idle';
      return undefined;
    }
    let worked = false;
    try {
      const result = await this.#client.announce(request, limits);
      worked = true;
      if (result.kind === 'answer') {
        this.#succeed(result);
        this.port = request.port;
        return result;
      }
      this.#fail(result.reason, result.retryIn);
    } catch (error) {
      // Whoever was interrupted knows nothing of the tracker.
      worked = limits.signal.aborted;
      if (limits.signal.aborted) this.#state = 'idle';
      else this.#fail(messageOf(error));
    } finally {
      done(worked);
    }
    return undefined;
  }

  /**
   * Forgets what it was told, as for a new run. A wait that it asked for when it refused still holds, and who begins again and again, as with an
   * address that comes and goes, has to wait.
   */
  reset(): void {
    this.#client?.close();
    this.started = false;
    this.toldCompleted = false;
    this.lastAt = undefined;
    if (!this.#client) return;
    this.#state = 'idle';
    this.#failures = 0;
    this.#failedAt = undefined;
    this.#retryAt = 0;
    if (!this.#asked) return;
    this.#asked = false;
    this.#toldBy = Math.max(this.#toldBy, this.#ports.clock.now()) + LEAST_BETWEEN;
    this.#notBefore = Math.max(this.#notBefore, this.#toldBy - BEGINNINGS * LEAST_BETWEEN);
  }

  /** `next`: when it will be asked again, where the caller knows; after a failure it knows itself. */
  status(next: number | undefined): TrackerStatus {
    const at = this.#state === 'failed' ? this.readyAt : next;
    return {
      url: this.url,
      tier: this.tier,
      state: this.#state,
      ...(this.#message !== undefined && { message: this.#message }),
      ...this.#scraped,
      ...this.#announced,
      ...(at !== undefined && at !== Infinity && { next: millis(Math.max(0, at - this.#ports.clock.now())) }),
    };
  }

  #succeed(answer: AnnounceAnswer): void {
    this.#state = 'working';
    this.#message = answer.warning;
    const { seeds, leechers, peers } = answer;
    // Some write two zeros where they do not count.
    const untold = seeds === 0 && leechers === 0 && peers.length > 0;
    this.#announced = untold
      ? {}
      : { ...(seeds !== undefined && { seeds }), ...(leechers !== undefined && { leechers }) };
    this.#failures = 0;
    this.#retryAt = 0;
    this.#notBefore = 0;
    this.lastAt = this.#ports.clock.now();
    this.interval = answer.interval;
    this.minInterval = answer.minInterval;
  }

  /** Waits by our own rule, and at least as long as the tracker asked for. */
  #fail(message: string, asked: Millis = millis(0)): void {
    this.#state = 'failed';
    this.#message = message.slice(0, MAX_MESSAGE);
    const backoff = this.#again ? SOON : Math.min(FIRST_BACKOFF * 2 ** this.#failures, LAST_BACKOFF);
    this.#failures = Math.min(this.#failures + 1, 30);
    const now = this.#ports.clock.now();
    this.#failedAt = now;
    this.#retryAt = now + backoff * (1 + this.#ports.random.uniform());
    this.#notBefore = now + asked;
  }
}

function rankOf({ event, left }: AnnounceRequest): AnnounceRank {
  if (event === 'stopped' || event === 'completed') return 0;
  return left > 0 ? 1 : 2;
}
