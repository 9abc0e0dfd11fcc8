import { type Millis, millis } from '../base/ids.ts';
import type { SourceStatus, TrackerStatus } from '../engine/statuses.ts';
import type { PeerSource, SourceNeeds } from './peer-source.ts';

/** A source of peers in both swarms of a hybrid torrent: each hash is announced by itself (BEP 52), and people see one source. */
export class BothSwarms implements PeerSource {
  readonly #one: PeerSource;
  readonly #other: PeerSource;

  /** Both are of one kind. */
  constructor(one: PeerSource, other: PeerSource) {
    this.#one = one;
    this.#other = other;
  }

  /** `hashes`: that of version 1 first. `make` makes the source of one swarm. Who is found in the second one is known to be there. */
  static of<Hash>(
    [one, other]: readonly Hash[],
    needs: SourceNeeds,
    make: (hash: Hash, needs: SourceNeeds) => PeerSource,
  ): PeerSource[] {
    if (one === undefined) return [];
    if (other === undefined) return [make(one, needs)];
    const inV2: SourceNeeds = {
      complete: () => needs.complete(),
      peerCount: () => needs.peerCount(),
      totals: () => needs.totals(),
      found: (source, peers) => {
        const known = peers.map((peer) => ({ ...peer, v2: true }));
        needs.found(source, known);
      },
    };
    return [new BothSwarms(make(one, needs), make(other, inV2))];
  }

  get kind(): PeerSource['kind'] {
    return this.#one.kind;
  }

  start(): void {
    for (const source of this.#both) source.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#both.map((source) => source.stop()));
  }

  announceNow(): void {
    for (const source of this.#both) source.announceNow();
  }

  moved(): void {
    for (const source of this.#both) source.moved?.();
  }

  wayCame(since: Millis): void {
    for (const source of this.#both) source.wayCame?.(since);
  }

  completed(): void {
    for (const source of this.#both) source.completed();
  }

  retuned(): void {
    for (const source of this.#both) source.retuned?.();
  }

  setTrackers(tiers: readonly (readonly string[])[]): void {
    for (const source of this.#both) source.setTrackers?.(tiers);
  }

  status(): SourceStatus {
    return merged(this.#one.status(), this.#other.status());
  }

  get #both(): readonly PeerSource[] {
    return [this.#one, this.#other];
  }
}

/** Most peers are in both swarms, so that the larger number is nearer to the truth than the sum. */
function merged(one: SourceStatus, other: SourceStatus): SourceStatus {
  const found = Math.max('found' in one ? one.found : 0, 'found' in other ? other.found : 0);
  if (one.kind === 'tracker' && other.kind === 'tracker') {
    const others = new Map(other.trackers.map((tracker) => [tracker.url, tracker]));
    return { ...one, found, trackers: one.trackers.map((tracker) => mergedTracker(tracker, others.get(tracker.url))) };
  }
  if (one.kind === 'dht' && other.kind === 'dht') {
    const last = of(Math.min, one.last, other.last);
    return {
      kind: 'dht',
      state: DHT_STATES.find((state) => state === one.state || state === other.state) ?? one.state,
      nodes: Math.max(one.nodes, other.nodes),
      announced: Math.max(one.announced, other.announced),
      found,
      ...(last !== undefined && { last: millis(last) }),
      ...nextOf(one, other),
    };
  }
  if (one.kind === 'lsd' && other.kind === 'lsd') return { kind: 'lsd', found, ...nextOf(one, other) };
  return one;
}

/** The one that comes first is shown where the two differ. */
const DHT_STATES: readonly Extract<SourceStatus, { kind: 'dht' }>['state'][] = [
  'searching',
  'waiting',
  'joining',
  'off',
];
const TRACKER_STATES: readonly TrackerStatus['state'][] = ['announcing', 'working', 'failed', 'idle'];

function mergedTracker(one: TrackerStatus, other: TrackerStatus | undefined): TrackerStatus {
  if (other === undefined) return one;
  const shown = TRACKER_STATES.indexOf(one.state) <= TRACKER_STATES.indexOf(other.state) ? one : other;
  const seeds = of(Math.max, one.seeds, other.seeds);
  const leechers = of(Math.max, one.leechers, other.leechers);
  return {
    ...shown,
    ...(seeds !== undefined && { seeds }),
    ...(leechers !== undefined && { leechers }),
    ...nextOf(one, other),
  };
}

interface Next {
  readonly next?: Millis;
}

function nextOf(one: Next, other: Next): Next {
  const next = of(Math.min, one.next, other.next);
  return next === undefined ? {} : { next: millis(next) };
}

/** One of two numbers, or the one that there is. */
function of(
  choose: (a: number, b: number) => number,
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : choose(one, other);
}
