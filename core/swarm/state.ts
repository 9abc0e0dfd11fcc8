import type { Endpoint } from '../base/endpoint.ts';
import type { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, InfoHash, PeerId, PieceIndex } from '../base/ids.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Ports } from '../ports/ports.ts';
import type { PieceIntake } from '../store/piece-intake.ts';
import type { PieceStore } from '../store/piece-store.ts';
import type { Availability } from '../strategy/availability.ts';
import type { Claimer } from '../strategy/claimer.ts';
import type { Interest } from '../strategy/interest-count.ts';
import type { PiecePicker } from '../strategy/picker.ts';
import type { ShareMap } from '../strategy/share-map.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmTuning, VerifiedPiece } from '../engine/statuses.ts';
import type { UploadLine } from './upload-line.ts';

/** What a swarm tells the identity that hosts it. */
export interface SwarmEvents {
  verified(piece: VerifiedPiece): void;
  hashFailed(piece: PieceIndex, from: readonly string[]): void;
  /** Peers of this host were found to lie. */
  banned(host: string): void;
  /** A connection stands or is gone; `endpoint` is where the peer listens as far as that is known. */
  peer(change: {
    readonly endpoint: Endpoint;
    readonly peerId: PeerId;
    readonly incoming: boolean;
    readonly connected: boolean;
  }): void;
  /** A source found these. */
  peersFound(endpoints: readonly Endpoint[]): void;
  /** Something that the swarm cannot go on without, such as a full disk. It has paused itself. */
  failed(error: EnsembleError): void;
}

/** Token buckets that every byte passes: the process's, then this download's. */
export interface SwarmBuckets {
  readonly down: readonly TokenBucket[];
  readonly up: readonly TokenBucket[];
}

/** What one identity is in the swarm, for all parts of the client. */
export interface Self {
  readonly infoHash: InfoHash;
  readonly identity: IdentityIndex;
  readonly peerId: PeerId;
  /** Address that everything is bound to; undefined: the system chooses. */
  readonly address?: string;
  /** K. */
  readonly count: number;
  /** Pieces are claimed one by one (random, rarest), so that a claim may go back to the others. */
  readonly claims: boolean;
  /** Where it listens; undefined while it does not. */
  endpoint(): Endpoint | undefined;
  /** Where others reach it, as trackers and peers are told; undefined while nobody does. */
  announced(): Endpoint | undefined;
}

/** Payload bytes since the swarm was made. */
export interface Totals {
  downloaded: number;
  uploaded: number;
  /** Received and not used: not asked for, late, or of a failed piece. */
  wasted: number;
}

/**
 * All that the parts of one swarm share. Each part reads it and changes only what its own file says;
 * `swarm.ts` is the one place that lets events in.
 */
export interface SwarmState {
  readonly ports: Ports;
  readonly self: Self;
  readonly info: Info;
  readonly geometry: Geometry;
  readonly share: ShareMap;
  readonly claimer: Claimer;
  readonly picker: PiecePicker<SwarmPeer>;
  readonly availability: Availability;
  readonly interest: Interest<SwarmPeer>;
  readonly store: PieceStore;
  readonly intake: PieceIntake;
  readonly buckets: SwarmBuckets;
  /** What all swarms of the process upload over. */
  readonly line: UploadLine;
  readonly events: SwarmEvents;
  readonly peers: Set<SwarmPeer>;
  readonly totals: Totals;
  /** Who fetched each piece; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners: Uint8Array;
  tuning: SwarmTuning;
  /** Seconds of requests that wait at each peer (`strategy/ahead.ts`). */
  ahead: number;
  /** Everything wanted is there and this client stays as an ordinary seed. */
  seeding: boolean;
}
