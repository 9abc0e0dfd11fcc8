import type { Millis } from '../base/ids.ts';
import type { NamedPeer, PeerSourceKind } from '../base/peer-source.ts';
import type { SourceStatus } from '../engine/statuses.ts';

/** Something that finds peers for one download, such as its trackers. */
export interface PeerSource {
  /** Says, too, whether a private torrent may use it (`mayBePrivate`). */
  readonly kind: PeerSourceKind;
  start(): void;
  /** Bounded in time; never rejects. */
  stop(): Promise<void>;
  /** Asks again now, as far as the other side allows. */
  announceNow(): void;
  /** Others reach us at another port now: whoever was told the old one hears of it. */
  moved?(): void;
  /** There is a way to the world again, or at last: what could not be asked since then is asked now. */
  wayCame?(since: Millis): void;
  /** This client has just completed the download. */
  completed(): void;
  /** The tuning of the download is another one, which may switch the source on or off, or peers are wanted again. */
  retuned?(): void;
  /** The user wants others from now on: tiers of trackers (BEP 12). */
  setTrackers?(tiers: readonly (readonly string[])[]): void;
  status(): SourceStatus;
}

/** What a source of peers asks of the client that it serves, and tells it. */
export interface SourceNeeds {
  /** Nothing is left to fetch. */
  complete(): boolean;
  /** How many peers are connected. */
  peerCount(): number;
  totals(): { readonly uploaded: number; readonly downloaded: number; readonly left: number };
  /** It found these. */
  found(source: PeerSourceKind, peers: readonly NamedPeer[]): void;
}
