import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash, Millis, PeerId } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';

/** Why an announce is made, where it is not a regular one (BEP 3). */
export type AnnounceEvent =
  | 'started'
  | 'completed'
  | 'stopped'
  /** All that is wanted is there, but not all: said each time (BEP 21). */
  | 'paused';

/** What a tracker is told, whatever its protocol. */
export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** Unsigned 32 bits: shows the tracker that it is the same client though its address may have changed. */
  readonly key: number;
  /** Where this identity listens. */
  readonly port: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly event?: AnnounceEvent;
  /** Peers asked for; 0 for none. */
  readonly numWant: number;
}

/** How long an announce may take. */
export interface AnnounceLimits {
  /** For all attempts together; undefined: as long as the protocol provides. */
  readonly total?: Millis;
  readonly signal: StopSignal;
}

/** What a tracker answered, validated and bounded. */
export interface AnnounceAnswer {
  readonly kind: 'answer';
  readonly interval: Millis;
  readonly minInterval?: Millis;
  readonly peers: readonly Endpoint[];
  /** Peers whose host is a name, which has to be looked up (BEP 3). */
  readonly named?: readonly Endpoint[];
  readonly seeds?: number;
  readonly leechers?: number;
  readonly warning?: string;
  /** The address from which our request came to the tracker, in canonical form (BEP 24). */
  readonly externalAddress?: string;
}

/** The tracker understood and said no. */
export interface AnnounceRefusal {
  readonly kind: 'refusal';
  readonly reason: string;
  /** How long to wait before asking again, where it says so (BEP 31, or by an interval); Infinity: for ever. */
  readonly retryIn?: Millis;
}

export type AnnounceResult = AnnounceAnswer | AnnounceRefusal;

/** How many peers a tracker knows of a torrent, as far as it tells. */
export interface ScrapeCounts {
  readonly seeds?: number;
  readonly leechers?: number;
}

/** What a tracker answered to a scrape. */
export interface ScrapeAnswer {
  /** In the order of the hashes; undefined for those that it does not know. */
  readonly counts: readonly (ScrapeCounts | undefined)[];
  /** How long it wants not to be scraped again. */
  readonly wait?: Millis;
}

/** Speaks to one tracker. The caller makes at most one announce or scrape at a time. */
export interface TrackerClient {
  /** Of how many torrents it may be asked at a time without announcing them (BEP 15, 48); 0: of none. */
  readonly maxScraped: number;
  /** Rejects as `announce`, also where the tracker refuses. */
  scrape(hashes: readonly InfoHash[], limits: AnnounceLimits): Promise<ScrapeAnswer>;
  /** Rejects with EnsembleError('tracker' | 'network' | 'interrupted'). */
  announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceResult>;
  close(): void;
}
