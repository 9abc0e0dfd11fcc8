import type { LinkKind } from '../base/choices.ts';
import type { ErrorCode } from '../base/errors.ts';
import type {
  Bytes,
  BytesPerSecond,
  IdentityIndex,
  InfoHash,
  InfoHashV1,
  InfoHashV2,
  Millis,
  TorrentKey,
} from '../base/ids.ts';
import type { PackedFiles } from '../base/packed-files.ts';
import type { DownloadOptions } from './download-options.ts';
import type { LinkWait } from './link-profiles.ts';
import type { SourceCounts } from './source-counts.ts';
import type { DhtNodeStatus, PeerStatus, Reachability, SourceStatus, TrackerStatus } from './statuses.ts';

// What front ends see of downloads: states that they ask for, as they are at that moment.

export type DownloadState =
  /** Waits for the metadata of a magnet link. */
  | 'metadata'
  /** Reads what is on disk. */
  | 'checking'
  | 'downloading'
  | 'paused'
  /** It waits for its place among the active ones (`queued`). */
  | 'queued'
  /** Every wanted piece is there; not assembled yet. */
  | 'complete'
  | 'assembling'
  /** Assembled, not seeding. */
  | 'done'
  | 'seeding'
  /** Its files are brought to another folder; see `work`. */
  | 'moving'
  /** See `error`; `resume` tries again. */
  | 'failed'
  /** Files that were there are gone, see `error`: nothing is fetched until `resume` is called, or `recheck` finds them. */
  | 'missing-files';

export type IdentityState =
  | 'starting'
  | 'downloading'
  | 'sharing'
  | 'seeding'
  | 'paused'
  /** Its share is done and it has left. */
  | 'left'
  /** Its process died or hung, and is started again. */
  | 'restarting'
  /** Its address is gone. */
  | 'no-address'
  /** It was given up; the others finish its share. */
  | 'given-up'
  /** Of another machine, from which nothing was heard for as long as others wait. */
  | 'silent';

/** Why nothing comes to a download that is to fetch something. */
export type Stall =
  /** No identity has its address. */
  | { readonly kind: 'no-link' }
  /** None of its links may be used to fetch. */
  | { readonly kind: 'no-fetch' }
  /** It has no peers, as every tracker fails: what one of them said, or what went wrong on the way to it. */
  | { readonly kind: 'tracker'; readonly url: string; readonly message: string }
  | { readonly kind: 'no-peers' }
  /** None of its peers has what is missing. */
  | { readonly kind: 'no-seed'; readonly peers: number }
  /** All peers that have something choke us. */
  | { readonly kind: 'choked'; readonly peers: number }
  | { readonly kind: 'limited'; readonly limit: BytesPerSecond }
  /** Peers that have something and do not choke us send nothing. */
  | { readonly kind: 'silent'; readonly peers: number };

/** How it stands with the machines that meet at a server (`DownloadOptions.together`). */
export interface MeetingSnapshot {
  /** `joining`: it is not there yet; `trouble`: the server cannot be used now. */
  readonly state: 'joining' | 'met' | 'trouble';
  /** The place of this machine there, from 1. */
  readonly place?: number;
  /** All that is missing here others fetch, or have. */
  readonly waits: boolean;
  /** Others still fetch what is here. */
  readonly needed: boolean;
  /** Nothing is left for this machine to fetch: what it lacks is with the others. */
  readonly done: boolean;
  /** A sentence for people. */
  readonly trouble?: string;
}

export interface IdentitySnapshot {
  readonly index: IdentityIndex;
  /** It is another machine: its place at the server, from 1. */
  readonly machine?: number;
  readonly state: IdentityState;
  readonly address?: string;
  readonly port?: number;
  /** The name of its link, where that has one. */
  readonly link?: string;
  /** Of another machine: the interface by which it leaves, and what that is. */
  readonly interfaceName?: string;
  readonly linkKind?: LinkKind;
  /** Why its link cannot be used now. */
  readonly waits?: LinkWait;
  /** The proxy by which it leaves, without user name and password; then it has no address of its own. */
  readonly proxy?: string;
  /** Pieces that it fetched since the program was started. */
  readonly pieces: number;
  /** How many of the pieces that are there came from it, also in earlier runs: its part of the piece map. */
  readonly held: number;
  readonly rate: { readonly down: BytesPerSecond; readonly up: BytesPerSecond };
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  readonly wasted: Bytes;
  readonly peers: number;
  /** How many of these peers have everything. */
  readonly seeds: number;
  /** How many of these a common peer helped to connect with, through NATs (BEP 55). */
  readonly punched: number;
  /** Pieces that it has claimed and not fetched yet. */
  readonly claimed: number;
  readonly reachability: Reachability;
  /** What each source of peers gave it; those that gave nothing are left out. */
  readonly sources: SourceCounts;
  /** Time from its start to its leaving, or until now. */
  readonly active: Millis;
  readonly restarts: number;
  /** When its process last died, Unix milliseconds. */
  readonly restarted?: Millis;
  readonly pid?: number;
}

export interface FileSnapshot {
  /** Its place in `filePriorities`. */
  readonly index: number;
  readonly path: string;
  readonly length: number;
  /** First and last piece that hold bytes of it; undefined for an empty file. */
  readonly pieces?: { readonly first: number; readonly last: number };
  /** Bytes of verified pieces. */
  readonly have: number;
  readonly priority: number;
}

interface OfIdentity {
  readonly identity: IdentityIndex;
}
export type PeerSnapshot = PeerStatus & OfIdentity;
export type TrackerSnapshot = TrackerStatus & OfIdentity;
export type SourceSnapshot = SourceStatus & OfIdentity;
/** The identity in whose process the node runs. */
export type DhtNodeSnapshot = DhtNodeStatus & OfIdentity;

export interface DownloadSnapshot {
  /** What commands and events call it. */
  readonly key: TorrentKey;
  /** Its name for people and other programs: of a hybrid torrent usually the one of version 1. */
  readonly infoHash: InfoHash;
  /** Each of its info-hashes that is known (BEP 52). */
  readonly infoHashV1?: InfoHashV1;
  readonly infoHashV2?: InfoHashV2;
  readonly name: string;
  readonly state: DownloadState;
  /** When it was added, Unix milliseconds. */
  readonly added: Millis;
  /** When every wanted piece was there for the first time, Unix milliseconds. */
  readonly finished?: Millis;
  /** What the torrent file says of itself; `created`: Unix milliseconds. */
  readonly comment?: string;
  readonly createdBy?: string;
  readonly created?: Millis;
  /** `toGo`: wanted pieces that are not there yet. */
  readonly pieces: { readonly have: number; readonly wanted: number; readonly total: number; readonly toGo: number };
  /** 0 while the metadata is not there. */
  readonly pieceLength: number;
  /** Number of files, without padding. */
  readonly files: number;
  /** How many numbers `filePriorities` has; 0 while the metadata is not there. */
  readonly fileSlots: number;
  readonly private: boolean;
  /** Hosts of the trackers that it names, the first at most `MAX_TRACKER_HOSTS`; missing: it names none. */
  readonly trackerHosts?: readonly string[];
  readonly bytes: { readonly have: number; readonly wanted: number; readonly total: number };
  readonly rate: { readonly down: BytesPerSecond; readonly up: BytesPerSecond };
  readonly peers: number;
  /** Estimate until every wanted piece is there; undefined where there is none (B10). */
  readonly timeLeft?: Millis;
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  readonly wasted: Bytes;
  /** Pieces fetched by two identities outside of a granted end-game; or here, and by another machine. */
  readonly duplicatePieces: number;
  readonly hashFailures: number;
  readonly identities: readonly IdentitySnapshot[];
  /** Its place in the list, from 0: the order of the queue. */
  readonly place: number;
  /** While it waits: how many of its kind (downloads, or seeds) have their turn until it has its own; 1: it is next. */
  readonly queued?: number;
  /** How long it has seeded, in all runs. */
  readonly seeded: Millis;
  /** Why nothing has come for half a minute; undefined: something has, or nothing is to. */
  readonly stall?: Stall;
  /** 0 to 1 while checking or assembling. */
  readonly work?: number;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Of one that is shared out with other machines: theirs are among `identities`. */
  readonly meeting?: MeetingSnapshot;
  readonly options: DownloadOptions;
  /** Paths of the assembled files. */
  readonly result?: readonly string[];
  readonly active: Millis;
}

/** The state of each piece, asked for when a front end shows it. */
export interface PieceMapSnapshot {
  readonly key: TorrentKey;
  /** Per piece: the index of the identity that fetched it, else a code (`PIECE`). */
  readonly pieces: Uint8Array;
  /** Pieces being fetched, three numbers each: index, identity, how much is there (0 to 255). */
  readonly begun: Uint32Array;
  /** How many peers have each piece, over all identities. */
  readonly availability: Uint16Array;
}

/** What is in a torrent file, before it is added. */
export interface TorrentDescription {
  /** What it is called once it is added. */
  readonly key: TorrentKey;
  readonly infoHash: InfoHash;
  /** Which versions of the format it has (BEP 52), as far as a magnet link tells. */
  readonly version: 1 | 2 | 'hybrid';
  readonly name: string;
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** In the torrent's order, padding left out. */
  readonly files: PackedFiles;
  readonly fileCount: number;
  /** How many numbers `filePriorities` has. */
  readonly fileSlots: number;
  readonly private: boolean;
  readonly trackers: number;
  readonly comment: string | null;
  /** What was read otherwise than it stands in the torrent, in sentences. */
  readonly notes: readonly string[];
  /** How many files are named otherwise than in the torrent, and the first of them, at most 100. */
  readonly renamed: { readonly count: number; readonly first: readonly RenamedFile[] };
}

/** A file's path, and what it is in the torrent. */
export interface RenamedFile {
  readonly path: string;
  readonly own: string;
}
