import type { Endpoint } from '../base/endpoint.ts';
import type { PeerSourceKind } from '../base/peer-source.ts';
import type { Bytes, BytesPerSecond, InfoHash, PieceIndex } from '../base/ids.ts';
import type { SourceStatus } from '../discovery/peer-source.ts';

/** Limits of rate; 0 means none. */
export interface RateLimits {
  readonly down: BytesPerSecond;
  readonly up: BytesPerSecond;
}

/** What may change while a download runs. */
export interface SwarmTuning {
  /** Of this identity in this download. */
  readonly limits: RateLimits;
  /** Unchoke slots, the optimistic one included (B11). */
  readonly maxUploads: number;
  /** Connections. */
  readonly maxPeers: number;
  /** Upload pieces that siblings downloaded too (A5). */
  readonly share: boolean;
  readonly sequential: boolean;
}

/** What became of a piece. */
export interface VerifiedPiece {
  readonly piece: PieceIndex;
  /** Addresses of the peers it came from. */
  readonly from: readonly string[];
  /** From first request to written. */
  readonly seconds: number;
  /** Bytes arrived, but a sibling was first: they count as wasted. */
  readonly late: boolean;
}

/** What a swarm is at. */
export type SwarmActivity =
  | 'fetching-metadata'
  | 'downloading'
  | 'seeding'
  | 'paused'
  /** Its address is gone: it waits (invariant 8). */
  | 'no-address'
  /** Share done, staying to upload (A11). */
  | 'sharing';

export interface PeerStatus {
  readonly endpoint: Endpoint;
  readonly client: string;
  /** How we came to know it. */
  readonly source: PeerSourceKind;
  readonly incoming: boolean;
  readonly down: BytesPerSecond;
  readonly up: BytesPerSecond;
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  /** 0 to 1. */
  readonly progress: number;
  readonly amInterested: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly peerChoking: boolean;
  readonly snubbed: boolean;
  readonly optimistic: boolean;
  /** What it has, as a line of at most 64 cells (`bitLine`). */
  readonly pieces: Uint8Array;
}

/** One identity in one download, twice a second. */
export interface SwarmStatus {
  readonly infoHash: InfoHash;
  readonly state: SwarmActivity;
  readonly endpoint?: Endpoint;
  readonly down: BytesPerSecond;
  readonly up: BytesPerSecond;
  /** Payload bytes since the process got the download. */
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  readonly wasted: Bytes;
  readonly peers: number;
  readonly seeds: number;
  /** Whether any incoming connection came (B18). */
  readonly reachable: boolean;
  /** Pieces being fetched right now, each with how much is there, 0 to 255: for the piece map. */
  readonly begun: Uint32Array;
  readonly begunFill: Uint8Array;
  readonly sources: readonly SourceStatus[];
  /** For the watched download alone. */
  readonly peerList?: readonly PeerStatus[];
}
