import type { PeerSourceKind } from '../base/peer-source.ts';
import type { TrackerStatus } from './tracker-status.ts';

/** How a source of peers fares, for people. */
export type SourceStatus = { readonly kind: 'tracker'; readonly trackers: readonly TrackerStatus[] };

/** Something that finds peers for one download: trackers now; others come behind the same interface. */
export interface PeerSource {
  readonly kind: PeerSourceKind;
  /** Whether a private torrent may use it (BEP 27). */
  readonly onPrivate: boolean;
  start(): void;
  /** Bounded in time; never rejects. */
  stop(): Promise<void>;
  /** Asks again now, as far as the other side allows. */
  announceNow(): void;
  /** This client has just completed the download. */
  completed(): void;
  status(): SourceStatus;
}
