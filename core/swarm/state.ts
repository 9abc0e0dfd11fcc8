import type { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Ports } from '../ports/ports.ts';
import type { PieceIntake } from '../store/intake/piece-intake.ts';
import type { PieceStore } from '../store/piece-store.ts';
import type { Availability } from '../strategy/pieces/availability.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import type { Interest } from '../strategy/pieces/interest-count.ts';
import type { PiecePicker } from '../strategy/pieces/picker.ts';
import type { ShareMap } from '../strategy/pieces/share-map.ts';
import type { BlockSource } from './block-source.ts';
import type { CoreEvents } from './core.ts';
import type { SwarmPeer } from './peer.ts';
import type { Self } from './self.ts';
import type { SwarmTuning, VerifiedPiece } from '../engine/statuses.ts';
import type { AskSibling, Sender } from './sibling-source.ts';
import type { UploadLine } from './upload-line.ts';

/** What a swarm tells the identity that hosts it. */
export interface SwarmEvents extends CoreEvents {
  verified(piece: VerifiedPiece): void;
  hashFailed(piece: PieceIndex, from: readonly string[]): void;
  /** Asks a sibling for blocks of our piece, or says that they are not needed any more. */
  readonly ask: AskSibling;
  /** A block that a sibling asked for; without `data` it cannot be had here, nor can others of that piece. */
  brought(block: LentBlock): void;
  /** Peers of this host were found to lie. */
  banned(host: string): void;
  /** Something stops the swarm, such as a full disk. It has paused itself. */
  failed(error: EnsembleError): void;
}

/** A block that was fetched for a sibling. */
export interface LentBlock {
  readonly sibling: IdentityIndex;
  readonly piece: PieceIndex;
  readonly block: number;
  readonly data?: Uint8Array | undefined;
  readonly sender?: Sender;
}

/** Token buckets for all payload: those of the process, then those of this download. */
export interface SwarmBuckets {
  readonly down: readonly TokenBucket[];
  readonly up: readonly TokenBucket[];
}

/** Payload bytes since the swarm was made. */
export interface Totals {
  downloaded: number;
  uploaded: number;
  /** Bytes received and not used: not asked for, late, or of a failed piece. */
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
  /** As `Info.pieceRoots`, which peers may have given meanwhile. */
  pieceRoots: Uint8Array | undefined;
  readonly geometry: Geometry;
  readonly share: ShareMap;
  readonly claimer: Claimer;
  readonly picker: PiecePicker<BlockSource>;
  readonly availability: Availability;
  readonly interest: Interest<BlockSource>;
  readonly store: PieceStore;
  readonly intake: PieceIntake;
  readonly buckets: SwarmBuckets;
  /** The line over which all swarms of the process upload. */
  readonly line: UploadLine;
  readonly events: SwarmEvents;
  /** The connected peers. */
  readonly peers: Set<SwarmPeer>;
  /** The sources of blocks: the peers, and others. */
  readonly sources: Set<BlockSource>;
  readonly totals: Totals;
  tuning: SwarmTuning;
  /** Seconds of requests that wait at each peer (`strategy/ahead.ts`). */
  ahead: number;
  /** Everything wanted is there and this client stays as an ordinary seed. */
  seeding: boolean;
}
