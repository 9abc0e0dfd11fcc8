import type { InfoHash, PeerId } from '../base/ids.ts';
import type { SourceNeeds } from './peer-source.ts';
import type { Scraper } from './scraper.ts';
import type { TrackerPorts } from './tracker-client.ts';

/** What a TrackerAnnouncer is told once, and what it asks each time. */
export interface TrackerAnnouncerOptions extends SourceNeeds {
  readonly ports: TrackerPorts;
  readonly infoHash: InfoHash;
  /** The same as in the handshake (A18). */
  readonly peerId: PeerId;
  /** Unsigned 32 bits; the same for the whole run. */
  readonly trackerKey: number;
  /** Tiers of announce URLs (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  /** Announce from this local address, or not at all. */
  readonly address?: string | undefined;
  /** Where we listen, as of now. */
  port(): number;
  /** Below it we ask again early (B13). */
  readonly minPeers: number;
  /** From it on a regular announce asks for no peers (B13). */
  maxPeers(): number;
  /** Asks trackers for the numbers of peers that their answers lack. */
  readonly scraper?: Scraper;
  /** Called with how a tracker sees our address (BEP 24). */
  onExternalAddress?(tracker: string, address: string): void;
  /** Called with what a tracker says to people. */
  onWarning(text: string): void;
  /** An announce is over: the status tells more. */
  onNews?(): void;
}
