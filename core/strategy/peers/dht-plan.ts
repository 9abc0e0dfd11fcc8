import type { Millis } from '../../base/ids.ts';

export interface DhtSnapshot {
  /** When the last search was over; undefined: there was none. */
  readonly lastAt: Millis | undefined;
  /** Searches that no node answered, one after the other up to the last. */
  readonly unanswered: number;
  /** Searches that left us without a single connected peer, one after the other up to the last. */
  readonly fruitless: number;
  /** Nothing is left to fetch. Peers that want something come by themselves. */
  readonly complete: boolean;
  /** Connected peers. */
  readonly peers: number;
  /** 0 to 1, another one for each search: keeps torrents from asking all at the same time. */
  readonly spread: number;
}

/** Nodes forget a peer after half an hour or more; libtorrent announces as often. */
const REGULAR = 15 * 60_000;
/** How much of it is left to chance. */
const SPREAD = 0.2;
/** After the first search without a peer; each further one doubles it. */
const LONELY = 20_000;
const MOST_LONELY = 5 * 60_000;
/** After the first search that nobody answered, as the node is only joining; each further one makes it half as long again. */
const UNANSWERED = 1_000;
const MOST_UNANSWERED = 60_000;

/** When to search the DHT next: at once the first time, soon again where nobody answered or no peer was found, else every 15 minutes. */
export function planSearch(snapshot: DhtSnapshot): Millis | undefined {
  const { lastAt, unanswered, fruitless, complete, peers, spread } = snapshot;
  if (lastAt === undefined) return undefined;
  if (unanswered > 0) return (lastAt + Math.min(UNANSWERED * 1.5 ** (unanswered - 1), MOST_UNANSWERED)) as Millis;
  const regular = REGULAR * (1 - SPREAD * spread);
  const lonely = complete || peers > 0 ? regular : Math.min(LONELY * 2 ** Math.max(0, fruitless - 1), MOST_LONELY);
  return (lastAt + lonely) as Millis;
}
