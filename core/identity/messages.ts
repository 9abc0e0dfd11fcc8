import type { SelectionMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { IdentityIndex, InfoHash, PeerId, PieceIndex } from '../base/ids.ts';
import type { FoundPeer, PeerSourceKind } from '../base/peer-source.ts';
import type { BegunRecord } from '../store/begun-record.ts';
import type { StoreLocation } from '../store/layout.ts';
import type { PieceShare } from '../strategy/share-map.ts';
import type { RateLimits, SwarmStatus, SwarmTuning, VerifiedPiece } from '../swarm/status.ts';

export type { TrackerStatus } from '../discovery/tracker-status.ts';
export type { PeerStatus, RateLimits, SwarmStatus, SwarmTuning, VerifiedPiece } from '../swarm/status.ts';

/** Version of both unions below. A process of another version is refused by name. */
export const MESSAGES_VERSION = 1;

/** All that an identity needs for one download. */
export interface DownloadSetup {
  readonly infoHash: InfoHash;
  readonly identity: IdentityIndex;
  /** K. */
  readonly count: number;
  readonly peerId: PeerId;
  /** `key` of announces: stays when the address changes. */
  readonly trackerKey: number;
  /** Local address to bind everything to; undefined: the system chooses. */
  readonly address?: string;
  /** First choice of port to listen on; 0: any free one. Shared by the downloads of a process on one address. */
  readonly port: number;
  /** Raw info dictionary; undefined: fetch it from peers first (BEP 9), report it, download nothing. */
  readonly rawInfo?: Uint8Array;
  readonly trackers: readonly (readonly string[])[];
  readonly location: StoreLocation;
  readonly selection: SelectionMode;
  readonly tuning: SwarmTuning;
  /** `PieceShare` of every piece at the start; undefined while there is no `rawInfo`. */
  readonly shares?: Uint8Array;
  /** For pieces that are `present`: the identity that fetched it; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners?: Uint8Array;
  /** Blocks of begun pieces that a clean stop kept: bit b of `blocks` (wire order) is block b. */
  readonly begun: readonly BegunRecord[];
  /** Priority of every piece, 0 unwanted to 7; undefined: all 4. */
  readonly priorities?: Uint8Array;
  /** Every wanted piece is there: seed as an ordinary client. */
  readonly seed: boolean;
  readonly paused: boolean;
}

/** Coordinator to identity. Unless said otherwise `infoHash` names the download meant. */
export type ToIdentity =
  /** First message. */
  | { readonly type: 'start'; readonly version: number; readonly identity: IdentityIndex; readonly limits: RateLimits }
  | { readonly type: 'add'; readonly setup: DownloadSetup }
  /** These pieces are now in this state for you: answers to `claim`, siblings' claims and releases, end-game grants, choices of files. */
  | { readonly type: 'shares'; readonly infoHash: InfoHash; readonly state: PieceShare; readonly pieces: Uint32Array }
  /** Siblings verified and wrote these; `owners` in step with `pieces`. */
  | { readonly type: 'present'; readonly infoHash: InfoHash; readonly pieces: Uint32Array; readonly owners: Uint8Array }
  /** Give back claimed pieces of which no block was requested, the last ones first, up to `most` (A17): answer with `release`. */
  | { readonly type: 'give-back'; readonly infoHash: InfoHash; readonly most: number }
  /** Claims that turned out wrong on disk: fetch them again. */
  | { readonly type: 'lost'; readonly infoHash: InfoHash; readonly pieces: Uint32Array }
  /** How many peers of the siblings have each piece (A8). */
  | { readonly type: 'swarm-availability'; readonly infoHash: InfoHash; readonly counts: Uint16Array }
  /** Peers dealt to this identity (A16): the whole list each time; connections to others that it has stay. */
  | { readonly type: 'peers'; readonly infoHash: InfoHash; readonly dial: readonly FoundPeer[] }
  /**
   * Close so many connections that you dialled, those that you can do without best: a sibling will dial these peers (A16).
   * Without `needed` only where all are seeds: among leechers it counts who was there first.
   */
  | { readonly type: 'give-up-peers'; readonly infoHash: InfoHash; readonly count: number; readonly needed: boolean }
  /** Never connect to these (A14): the siblings' peer ids and where they listen. */
  | {
      readonly type: 'siblings';
      readonly infoHash: InfoHash;
      readonly peerIds: readonly PeerId[];
      readonly endpoints: readonly Endpoint[];
    }
  /** Siblings found peers of these hosts to lie: nothing of them is dialled or taken in any more. */
  | { readonly type: 'ban'; readonly infoHash: InfoHash; readonly hosts: readonly string[] }
  | { readonly type: 'tune'; readonly infoHash: InfoHash; readonly tuning: SwarmTuning }
  | { readonly type: 'priorities'; readonly infoHash: InfoHash; readonly priorities: Uint8Array }
  /** Limits of the whole process, over all downloads. */
  | { readonly type: 'limits'; readonly limits: RateLimits }
  | { readonly type: 'pause'; readonly infoHash: InfoHash }
  | { readonly type: 'resume'; readonly infoHash: InfoHash }
  | { readonly type: 'announce'; readonly infoHash: InfoHash }
  /** The share is done: announce `stopped`, close connections and files, forget the download; answer `left`. `begun` pieces are kept (clean stop). */
  | { readonly type: 'leave'; readonly infoHash: InfoHash }
  /** All is there: announce `completed` if this client saw it happen and K=1, stay as an ordinary seed. */
  | { readonly type: 'seed'; readonly infoHash: InfoHash }
  /** Close every file of the download, stop writing and reading; answer `files-closed`. Reads wait for `moved`. */
  | { readonly type: 'close-files'; readonly infoHash: InfoHash }
  | { readonly type: 'moved'; readonly infoHash: InfoHash; readonly location: StoreLocation }
  /** Report peers of this download in `status` (a front end looks at it); undefined: of none. */
  | { readonly type: 'watch'; readonly infoHash?: InfoHash }
  | { readonly type: 'ping'; readonly n: number }
  /** Leave every download, then answer `stopped` and end. */
  | { readonly type: 'stop' };

/** Identity to coordinator. */
export type FromIdentity =
  | { readonly type: 'ready'; readonly version: number }
  | { readonly type: 'listening'; readonly infoHash: InfoHash; readonly endpoint: Endpoint }
  | { readonly type: 'claim'; readonly infoHash: InfoHash; readonly pieces: Uint32Array }
  | { readonly type: 'release'; readonly infoHash: InfoHash; readonly pieces: Uint32Array }
  /** Batched: at most ten messages a second. */
  | { readonly type: 'verified'; readonly infoHash: InfoHash; readonly pieces: readonly VerifiedPiece[] }
  /** These are on stable storage now. */
  | { readonly type: 'synced'; readonly infoHash: InfoHash; readonly pieces: Uint32Array }
  | {
      readonly type: 'hash-failed';
      readonly infoHash: InfoHash;
      readonly piece: PieceIndex;
      readonly from: readonly string[];
    }
  /** Peers of this host lied, and are banned here; the coordinator tells the siblings. */
  | { readonly type: 'banned'; readonly infoHash: InfoHash; readonly host: string }
  | { readonly type: 'idle'; readonly infoHash: InfoHash }
  /** A source found these; the coordinator deals them. */
  | {
      readonly type: 'peers-found';
      readonly infoHash: InfoHash;
      readonly source: PeerSourceKind;
      readonly endpoints: readonly Endpoint[];
    }
  /** A connection stands or is gone; `endpoint` is where the peer listens as far as that is known. */
  | {
      readonly type: 'peer';
      readonly infoHash: InfoHash;
      readonly endpoint: Endpoint;
      readonly peerId: PeerId;
      readonly source: PeerSourceKind;
      readonly incoming: boolean;
      readonly connected: boolean;
    }
  | { readonly type: 'availability'; readonly infoHash: InfoHash; readonly counts: Uint16Array }
  | { readonly type: 'metadata'; readonly infoHash: InfoHash; readonly rawInfo: Uint8Array }
  | { readonly type: 'status'; readonly swarms: readonly SwarmStatus[] }
  /** Something that stops this identity in this download: disk full, file gone. It has paused itself. */
  | { readonly type: 'failed'; readonly infoHash: InfoHash; readonly code: ErrorCode; readonly message: string }
  /** What a tracker has to say to people, or why it does not answer. */
  | { readonly type: 'tracker-warning'; readonly infoHash: InfoHash; readonly message: string }
  | { readonly type: 'files-closed'; readonly infoHash: InfoHash }
  /** It is told every few seconds: leaving takes a while, such as a long part that is brought into order. */
  | { readonly type: 'leaving'; readonly infoHash: InfoHash }
  | { readonly type: 'left'; readonly infoHash: InfoHash; readonly begun: readonly BegunRecord[] }
  | { readonly type: 'pong'; readonly n: number }
  | { readonly type: 'stopped' };
