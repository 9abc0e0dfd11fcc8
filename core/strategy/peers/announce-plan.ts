import type { Millis } from '../../base/ids.ts';

export interface AnnounceSnapshot {
  readonly now: Millis;
  /** When the tracker last answered; undefined: it has not. */
  readonly lastAt: Millis | undefined;
  /** How long it asked us to wait between announces. */
  readonly interval: Millis;
  readonly minInterval: Millis | undefined;
  /** Nothing is left to fetch. Peers that want something come by themselves, so there is no need to ask early. */
  readonly complete: boolean;
  /** Connected peers. */
  readonly peers: number;
  /** Below it we ask again early. */
  readonly minPeers: number;
  /** From it on a regular announce asks for none. */
  readonly maxPeers: number;
  /** What the tracker has not been told yet. */
  readonly event: 'started' | 'completed' | 'stopped' | undefined;
}

export interface AnnouncePlan {
  /** At once where that is not after now. */
  readonly at: Millis;
  /** Peers to ask for (`numwant`). */
  readonly numWant: number;
}

/** With few peers the tracker is asked again after this time, where it names no least interval. */
const EARLY = 5 * 60_000;
const MOST_WANTED = 200;
/** A tracker's list holds peers that are gone; asking for more than are wanted makes up for them. */
const LEAST_WANTED = 30;

/**
 * When to announce next, and for how many peers to ask (B13, E14). Events go at once. Else at the interval; earlier while
 * something is left to fetch from fewer than `minPeers`: as soon as the tracker allows, or, where it names no least interval,
 * after five minutes.
 */
export function planAnnounce(snapshot: AnnounceSnapshot): AnnouncePlan {
  const { now, lastAt, interval, minInterval, complete, peers, minPeers, event } = snapshot;
  const numWant = wanted(snapshot);
  if (event !== undefined || lastAt === undefined) return { at: now, numWant };
  const regular = Math.max(interval, minInterval ?? 0);
  const wait = complete || peers >= minPeers ? regular : Math.min(minInterval ?? EARLY, regular);
  return { at: (lastAt + wait) as Millis, numWant };
}

function wanted({ event, peers, maxPeers }: AnnounceSnapshot): number {
  if (event === 'stopped' || peers >= maxPeers) return 0;
  return Math.min(MOST_WANTED, Math.max(LEAST_WANTED, maxPeers - peers));
}
