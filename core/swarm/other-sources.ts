import type { Millis } from '../base/ids.ts';
import type { PeerStatus, SourceStatus } from '../engine/statuses.ts';

/** Sources of blocks that are no peers, such as servers: they come and go with the swarm. */
export interface OtherSources {
  start(): void;
  stop(): void;
  /** What is known by this host lied: nothing is taken from it any more, also where it has not joined yet. */
  ban(host: string): void;
  /** How they fare. */
  sources(): readonly SourceStatus[];
  /** A row for each, as among the peers. */
  status(now: Millis): readonly PeerStatus[];
}
