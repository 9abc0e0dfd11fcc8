import type { TrackerStatus } from '../engine/statuses.ts';

/** Something that finds peers for one download, such as its trackers. */
export interface PeerSource {
  start(): void;
  /** Bounded in time; never rejects. */
  stop(): Promise<void>;
  /** Asks again now, as far as the other side allows. */
  announceNow(): void;
  /** This client has just completed the download. */
  completed(): void;
  /** For people; empty where the source asks no trackers. */
  status(): readonly TrackerStatus[];
}

/** What a source of peers asks of the client that it serves. */
export interface SourceNeeds {
  /** Nothing is left to fetch. */
  complete(): boolean;
  /** How many peers are connected. */
  peerCount(): number;
  totals(): { readonly uploaded: number; readonly downloaded: number; readonly left: number };
}
