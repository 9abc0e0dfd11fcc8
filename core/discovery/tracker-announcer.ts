import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { canonicalIp } from '../base/ip.ts';
import { millis } from '../base/ids.ts';
import type { Millis } from '../base/ids.ts';
import { LateMap, LateSet } from '../base/late-map.ts';
import { Stopper, type StopSignal } from '../base/stopper.ts';
import type { Timer } from '../ports/clock.ts';
import { planAnnounce } from '../strategy/peers/announce-plan.ts';
import { promoteTracker, shuffleTiers } from '../strategy/peers/tracker-tiers.ts';
import type { AnnounceEvent, AnnounceRequest, ScrapeCounts } from './announce.ts';
import type { TrackerAnnouncerOptions } from './announcer-options.ts';
import { DistinctCount } from './distinct-count.ts';
import { firstSuccess } from './first-success.ts';
import { dialable } from './peer-lists.ts';
import type { SourceStatus } from '../engine/statuses.ts';
import type { PeerSource } from './peer-source.ts';
import { Tracker } from './tracker.ts';

/** Most trackers that are asked for one torrent. */
const MAX_TRACKERS = 100;
/** How long to wait for one tracker while others could be asked instead. */
const PATIENCE = millis(60_000);
/** After this time without an answer the next tracker is asked too; the first one is still waited for. */
const HEAD_START = millis(5_000);
/** How long the announces of `stopped` may take. */
const STOP_TIME = millis(3_000);
/** Most addresses of a peer that is known by its name. */
const MAX_ADDRESSES = 4;
/** How often the number of peers is checked, in ms. */
const LOOK_EVERY = 10_000;

/**
 * Announces one identity of one download: to the first tracker that works, over all tiers in order (BEP 12), never twice
 * at a time to one of them. A tracker that failed is left out until its back-off has run out.
 */
export class TrackerAnnouncer implements PeerSource {
  readonly kind = 'tracker';
  readonly #o: TrackerAnnouncerOptions;
  /** The address that we are bound to, as trackers write it in answers. */
  readonly #ownHost: string | undefined;
  #tiers: Tracker[][];
  /** The tracker that answered last. */
  #current: Tracker | undefined;
  #running = false;
  #completed = false;
  #asked = false;
  #round: Promise<void> | undefined;
  /** Announces under way, including those that no round waits for any more. */
  readonly #attempts = new LateSet<Promise<boolean>>();
  #stopping: Promise<void> | undefined;
  /** How scraping ends, by tracker. */
  readonly #scrapes = new LateMap<Tracker, () => void>();
  #abort = new Stopper();
  #timer: Timer | undefined;
  readonly #named = new DistinctCount();

  constructor(options: TrackerAnnouncerOptions) {
    this.#o = options;
    this.#ownHost = options.address === undefined ? undefined : canonicalIp(options.address);
    this.#tiers = this.#read(options.trackers, new Map());
  }

  /** Trackers that stay keep what they know; those that go are told that we stop. */
  setTrackers(tiers: readonly (readonly string[])[]): void {
    const before = this.#tiers.flat();
    this.#tiers = this.#read(tiers, new Map(before.map((tracker) => [tracker.url, tracker])));
    const now = new Set(this.#tiers.flat());
    for (const tracker of before) if (!now.has(tracker)) this.#drop(tracker);
    this.#schedule();
  }

  #read(all: readonly (readonly string[])[], known: ReadonlyMap<string, Tracker>): Tracker[][] {
    const { ports, address } = this.#o;
    const seen = new Set<string>();
    const tiers: Tracker[][] = [];
    for (const [tier, urls] of all.entries()) {
      const fresh = urls.filter((url) => seen.size < MAX_TRACKERS && !seen.has(url) && seen.add(url));
      const trackers = fresh.map((url) => known.get(url) ?? new Tracker(ports, url, tier, address));
      for (const tracker of trackers) tracker.tier = tier;
      if (trackers.length > 0) tiers.push(trackers);
    }
    return shuffleTiers(tiers, ports.random.uniform);
  }

  #drop(tracker: Tracker): void {
    this.#scrapes.get(tracker)?.();
    this.#scrapes.delete(tracker);
    if (this.#current === tracker) this.#current = undefined;
    if (!tracker.started) return tracker.reset();
    // Whoever ends everything meanwhile waits for it, too.
    const limits = { total: STOP_TIME, signal: new Stopper().signal };
    const farewell: Promise<boolean> = tracker.announce(this.#request('stopped', 0), limits).then(() => {
      tracker.reset();
      return this.#attempts.delete(farewell);
    });
    this.#attempts.add(farewell);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#completed = false;
    this.#asked = false;
    this.#schedule();
  }

  /** The download became complete: trackers that were told `started` hear of it once. */
  completed(): void {
    this.#completed = true;
    this.#schedule();
  }

  /** Somebody wants peers now: trackers that failed are asked again at once, and those that named a time as soon as they allow it. */
  announceNow(): void {
    this.#asked = true;
    for (const tracker of this.#tiers.flat()) tracker.retryNow();
    this.#schedule();
  }

  moved(): void {
    this.#schedule();
  }

  wayCame(since: Millis): void {
    for (const tracker of this.#tiers.flat()) tracker.wayCame(since);
    this.#schedule();
  }

  retuned(): void {
    this.#schedule();
  }

  stop(): Promise<void> {
    if (!this.#running) return this.#stopping ?? Promise.resolve();
    this.#running = false;
    this.#timer?.cancel();
    for (const end of this.#scrapes.values()) end();
    this.#scrapes.clear();
    // An announce of the completion is not interrupted, as trackers count downloads by it.
    if (!this.#completed || this.#current?.busy !== true) this.#abort.abort();
    this.#stopping = this.#leave().finally(() => {
      this.#stopping = undefined;
      this.#current = undefined;
      this.#abort = new Stopper();
      for (const tracker of this.#tiers.flat()) tracker.reset();
      this.#schedule(); // started again meanwhile
    });
    return this.#stopping;
  }

  status(): Extract<SourceStatus, { kind: 'tracker' }> {
    const next = this.#current && this.#dueAt(this.#current, this.#o.ports.clock.now());
    const trackers = this.#tiers.flat().map((one) => one.status(one === this.#current ? next : undefined));
    return { kind: this.kind, found: this.#named.count, trackers };
  }

  /** Tells all trackers that heard `started` that we stop, at the same time and for no longer than STOP_TIME. */
  async #leave(): Promise<void> {
    const hurry = new Stopper();
    let timer: Timer | undefined;
    const timeIsUp = new Promise<void>((resolve) => {
      timer = this.#o.ports.clock.after(STOP_TIME, () => {
        this.#abort.abort();
        hurry.abort();
        resolve();
      });
    });
    await Promise.race([this.#sayStopped(hurry.signal), timeIsUp]);
    timer?.cancel();
  }

  async #sayStopped(signal: StopSignal): Promise<void> {
    await Promise.all([this.#round, ...this.#attempts]);
    if (signal.aborted) return;
    const told = this.#tiers.flat().filter((tracker) => tracker.started);
    const limits = { total: STOP_TIME, signal };
    await Promise.all(
      told.map(async (tracker) => {
        // The download became complete while the tracker could not be told.
        if (this.#eventFor(tracker) === 'completed') await tracker.announce(this.#request('completed', 0), limits);
        await tracker.announce(this.#request('stopped', 0), limits);
      }),
    );
  }

  /** Sets the timer for the next round. */
  #schedule(): void {
    this.#timer?.cancel();
    if (!this.#running || this.#round || this.#stopping) return;
    const { clock } = this.#o.ports;
    const now = clock.now();
    const current = this.#current;
    const at =
      current && !current.busy
        ? this.#dueAt(current, now)
        : Math.min(...this.#tiers.flat().map((tracker) => tracker.readyAt));
    if (at === Infinity) return;
    if (at <= now) {
      this.#round = this.#announceRound().finally(() => {
        this.#round = undefined;
        this.#schedule();
      });
      return;
    }
    // Who has everything does not ask early, however few its peers are.
    const looks = current !== undefined && !this.#o.complete();
    const wait = looks ? Math.min(at - now, LOOK_EVERY) : at - now;
    this.#timer = clock.after(millis(wait), () => this.#schedule());
  }

  /** When the tracker that works is to be asked again. */
  #dueAt(current: Tracker, now: Millis): Millis {
    const planned = this.#plan(current, now).at;
    // Peers try the port that it was told, so this does not wait for an interval.
    if (current.started && current.port !== this.#o.port()) return millis(Math.min(planned, current.correctableAt));
    if (!this.#asked) return planned;
    return millis(Math.min(planned, current.readyAt));
  }

  /** As of `now`, which the caller compares the result with: if the clock went on in between, "at once" would be put off for ever. */
  #plan(tracker: Tracker, now: Millis): ReturnType<typeof planAnnounce> {
    const its = this.#o;
    const event = this.#eventFor(tracker);
    return planAnnounce({
      now,
      lastAt: tracker.lastAt,
      interval: tracker.interval,
      minInterval: tracker.minInterval,
      complete: its.complete(),
      peers: its.peerCount(),
      minPeers: its.minPeers,
      maxPeers: its.maxPeers(),
      event,
    });
  }

  /** Trackers do not count it among those who still download. */
  get #isPartialSeed(): boolean {
    return this.#o.complete() && this.#o.totals().left > 0;
  }

  #eventFor(tracker: Tracker): Exclude<AnnounceEvent, 'paused'> | undefined {
    if (!tracker.started) return 'started';
    return this.#completed && !tracker.toldCompleted ? 'completed' : undefined;
  }

  /** Goes through the tiers until one tracker answers. */
  async #announceRound(): Promise<void> {
    this.#asked = false;
    const now = this.#o.ports.clock.now();
    const ready = this.#tiers
      .flat()
      .filter((tracker) => (tracker === this.#current && !tracker.busy) || tracker.readyAt <= now);
    const attempts: Promise<boolean>[] = [];
    for (const [at, tracker] of ready.entries()) {
      const others = at < ready.length - 1;
      attempts.push(this.#attempt(tracker, others));
      if (await firstSuccess(attempts, this.#o.ports.clock, others ? HEAD_START : undefined)) return;
      if (!this.#running) return;
    }
    if (this.#current && ready.includes(this.#current)) this.#current = undefined;
  }

  #attempt(tracker: Tracker, others: boolean): Promise<boolean> {
    const attempt = this.#announceTo(tracker, others).finally(() => {
      this.#attempts.delete(attempt);
      this.#schedule();
    });
    this.#attempts.add(attempt);
    return attempt;
  }

  async #announceTo(tracker: Tracker, others: boolean): Promise<boolean> {
    const event = this.#eventFor(tracker) ?? (this.#isPartialSeed ? 'paused' : undefined);
    const completed = this.#completed;
    const request = this.#request(event, this.#plan(tracker, this.#o.ports.clock.now()).numWant);
    const limits = { signal: this.#abort.signal, ...(others && { total: PATIENCE }) };
    const answer = await tracker.announce(request, limits);
    this.#o.onNews?.();
    if (!answer) {
      const { state, message } = tracker.status(undefined);
      if (state === 'failed' && message) this.#o.onWarning(`${tracker.label}: ${message}`);
      return false;
    }
    tracker.started = true;
    // The user took it away meanwhile.
    if (!this.#tiers.some((tier) => tier.includes(tracker))) {
      this.#drop(tracker);
      return false;
    }
    if (completed) tracker.toldCompleted = true;
    this.#tiers = promoteTracker(this.#tiers, tracker);
    const order = this.#tiers.flat();
    const current = this.#current;
    if (!current || current.busy || order.indexOf(tracker) <= order.indexOf(current)) this.#current = tracker;
    if (answer.warning) this.#o.onWarning(`${tracker.label}: ${answer.warning}`);
    this.#scrape(tracker);
    if (answer.externalAddress !== undefined) this.#o.onExternalAddress?.(tracker.host, answer.externalAddress);
    this.#found(answer.peers, request.port);
    if (answer.named) void this.#lookUp(answer.named, request.port);
    return true;
  }

  /** Joins those who ask for numbers of peers, where the tracker's own answers lack them. */
  #scrape(tracker: Tracker): void {
    const { scraper, infoHash } = this.#o;
    if (!this.#running || !scraper || !tracker.wantsCounts || this.#scrapes.has(tracker)) return;
    const told = (counts: ScrapeCounts): void => {
      tracker.told(counts);
      this.#o.onNews?.();
    };
    const wish = { infoHash, wanted: () => tracker.wantsCounts, told };
    this.#scrapes.set(tracker, scraper.join(tracker.url, wish));
  }

  #found(endpoints: readonly Endpoint[], ownPort: number): void {
    const peers = endpoints.filter(({ host, port }) => port !== ownPort || host !== this.#ownHost);
    if (!this.#running || peers.length === 0) return;
    for (const peer of peers) this.#named.add(formatEndpoint(peer));
    this.#o.found(this.kind, peers);
  }

  /** Peers that a tracker knows by name alone: one look-up at a time, as a tracker could name what takes long. */
  async #lookUp(named: readonly Endpoint[], ownPort: number): Promise<void> {
    const { ports, address } = this.#o;
    for (const { host, port } of named) {
      if (!this.#running) return;
      const all = await ports.net.resolve(host, address).catch(() => []);
      const endpoints = all.slice(0, MAX_ADDRESSES).flatMap((one) => dialable(one.address, port) ?? []);
      this.#found(endpoints, ownPort);
    }
  }

  #request(event: AnnounceEvent | undefined, numWant: number): AnnounceRequest {
    const { infoHash, peerId, trackerKey } = this.#o;
    const { uploaded, downloaded, left } = this.#o.totals();
    return {
      infoHash,
      peerId,
      key: trackerKey,
      port: this.#o.port(),
      uploaded,
      downloaded,
      left,
      numWant,
      ...(event !== undefined && { event }),
    };
  }
}
