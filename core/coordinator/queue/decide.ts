/** How many may be active at a time; 0: any number. */
export interface QueueLimits {
  readonly activeDownloads: number;
  readonly activeSeeds: number;
}

/** What decides about a download's place among the active ones. */
export interface Entrant {
  /** What it does with a place; undefined: it needs none. */
  readonly wants: 'download' | 'seed' | undefined;
  /** The user wants it to run whatever the queue says. */
  readonly forced: boolean;
  /** It waits for a place. */
  readonly waits: boolean;
  /** It runs, and has moved nothing for so long that it leaves its place to the next one. */
  readonly stalled: boolean;
}

interface Decision<Key> {
  readonly go: readonly Key[];
  readonly stop: readonly Key[];
  /** Of those that wait from now on, how many of their kind are before them, themselves included. */
  readonly waiting: ReadonlyMap<Key, number>;
}

/**
 * Who of all downloads, in their order, is active from now on: of each kind as many as there are places, and besides those that are
 * forced, and those that run although they are stalled, as their next byte may be near.
 */
export function decide<Key>(order: Iterable<readonly [Key, Entrant]>, places: QueueLimits): Decision<Key> {
  const go: Key[] = [];
  const stop: Key[] = [];
  const waiting = new Map<Key, number>();
  const free = { download: placesOf(places, 'download'), seed: placesOf(places, 'seed') };
  const queue = { download: 0, seed: 0 };
  for (const [key, { wants, forced, waits, stalled }] of order) {
    const outside = wants === undefined || forced || stalled;
    if (outside || free[wants] > 0) {
      if (!outside) free[wants]--;
      if (waits) go.push(key);
    } else {
      if (!waits) stop.push(key);
      waiting.set(key, ++queue[wants]);
    }
  }
  return { go, stop, waiting };
}

/** Infinity: any number. */
export function placesOf({ activeDownloads, activeSeeds }: QueueLimits, kind: 'download' | 'seed'): number {
  return (kind === 'download' ? activeDownloads : activeSeeds) || Infinity;
}
