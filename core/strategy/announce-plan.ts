import type { Millis } from '../base/ids.ts';

export interface AnnounceSnapshot {
  readonly now: Millis;
  /** When the tracker last answered; undefined: it has not. */
  readonly lastAt: Millis | undefined;
  /** What it asked us to keep. */
  readonly interval: Millis;
  readonly minInterval: Millis | undefined;
  /** Connected. */
  readonly peers: number;
  /** Below it we ask again early. */
  readonly minPeers: number;
  /** From it on a regular announce asks for none. */
  readonly maxPeers: number;
  /** What the tracker has not been told yet. */
  readonly event: 'started' | 'completed' | 'stopped' | undefined;
}

export interface AnnouncePlan {
  /** Not after now: at once. */
  readonly at: Millis;
  /** Peers to ask for (`numwant`). */
  readonly numWant: number;
}

/** The least that a tracker gets from us between announces without an event, where it does not say. */
const LEAST_INTERVAL = 60_000;
const EARLY = 5 * 60_000;
const MOST_WANTED = 200;
/** A tracker's list holds peers that are gone; asking for more than are wanted makes up for them. */
const LEAST_WANTED = 30;

/**
 * When to announce next, and for how many peers to ask (B13). Events go at once. Else at the interval; earlier with fewer
 * than `minPeers`: as soon as the tracker allows, or, where it names no least interval, after five minutes, one without any peer.
 */
export function planAnnounce(snapshot: AnnounceSnapshot): AnnouncePlan {
  const { now, lastAt, interval, minInterval, peers, minPeers, event } = snapshot;
  const numWant = wanted(snapshot);
  if (event !== undefined || lastAt === undefined) return { at: now, numWant };
  if (peers >= minPeers) return { at: (lastAt + Math.max(interval, minInterval ?? 0)) as Millis, numWant };
  const early = minInterval ?? (peers === 0 ? LEAST_INTERVAL : EARLY);
  return { at: (lastAt + Math.min(early, Math.max(interval, minInterval ?? 0))) as Millis, numWant };
}

function wanted({ event, peers, maxPeers }: AnnounceSnapshot): number {
  if (event === 'stopped' || peers >= maxPeers) return 0;
  return Math.min(MOST_WANTED, Math.max(LEAST_WANTED, maxPeers - peers));
}
