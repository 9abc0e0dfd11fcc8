import type { Endpoint } from '../base/endpoint.ts';
import type { AddressVotes } from '../discovery/address-votes.ts';
import type { MappingStatus } from '../engine/statuses.ts';
import type { IdentityIndex, PeerId, TorrentKey } from '../base/ids.ts';
import type { Hashes } from '../metainfo/torrent-id.ts';

/** What one identity is in the swarm, for all parts of the client. */
export interface Self {
  readonly key: TorrentKey;
  /** What peers and trackers call the torrent. */
  readonly hashes: Hashes;
  readonly identity: IdentityIndex;
  readonly peerId: PeerId;
  /** Address that everything is bound to; undefined: the system chooses. */
  readonly address?: string;
  /** K. */
  readonly count: number;
  /** Whether pieces are claimed one by one (random, rarest), so that a claim may go back to the siblings. */
  readonly claims: boolean;
  /** How others see its address. */
  readonly external: AddressVotes;
  /** Where it listens; undefined while it does not. */
  endpoint(): Endpoint | undefined;
  /** Where others reach it, as told to trackers and peers; undefined while nobody can. */
  announced(): Endpoint | undefined;
  /** Whether a router forwards a port to it. */
  mapping(): MappingStatus;
}
