import type { AddressRanges } from '../base/address-ranges.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { ErrorCode } from '../base/errors.ts';
import type {
  Bytes,
  BytesPerSecond,
  IdentityIndex,
  InfoHash,
  InfoHashV1,
  InfoHashV2,
  Millis,
  PieceIndex,
  TorrentKey,
} from '../base/ids.ts';
import type { PackedFiles } from '../base/packed-files.ts';
import type { Content } from './content.ts';
import type { DownloadChanges, DownloadOptions } from './download-options.ts';
import type { ListRules } from './list-rules.ts';
import type { SourceCounts } from './source-counts.ts';
import type {
  DhtNodeStatus,
  DhtSettings,
  PeerStatus,
  RateLimits,
  Reachability,
  SourceStatus,
  TrackerStatus,
  Ways,
} from './statuses.ts';

/** What a download comes from. */
export type Source =
  { readonly kind: 'torrent'; readonly data: Uint8Array } | { readonly kind: 'magnet'; readonly link: string };

export type { DownloadChanges, DownloadOptions } from './download-options.ts';

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
  | 'given-up';

/** Why nothing comes to a download that is to fetch something. */
export type Stall =
  /** No identity has its address. */
  | { readonly kind: 'no-link' }
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

export interface IdentitySnapshot {
  readonly index: IdentityIndex;
  readonly state: IdentityState;
  readonly address?: string;
  readonly port?: number;
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
  /** Pieces fetched by two identities outside of a granted end-game. */
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

export type EngineEvent =
  | { readonly type: 'added' | 'removed' | 'changed'; readonly key: TorrentKey }
  | {
      readonly type: 'log';
      readonly key?: TorrentKey;
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
    };

/** Where chosen downloads go in the order of the queue; `before` and `after`: beside another one. */
export type QueueMove =
  'top' | 'up' | 'down' | 'bottom' | { readonly before: TorrentKey } | { readonly after: TorrentKey };

/** What leads others to a download. */
export interface Links {
  readonly magnet: string;
  readonly trackers: readonly (readonly string[])[];
}

/** How a download begins anew. */
export type Reopening =
  /** `found`: its files are meant to be there. */
  { readonly output: string; readonly found: boolean } | { readonly reuse: true };

/** What any front end can do; the command line calls it directly, windows through the bridge. Everything rejects with EnsembleError. */
export interface Engine {
  /**
   * Validates, takes the lock, loads what is on disk, and starts unless `paused`. Of a torrent that is there already, a link that chooses
   * files (`so=`, BEP 53) adds these to what is wanted; else it rejects with EnsembleError('in-use').
   */
  add(source: Source, options: DownloadOptions): Promise<TorrentKey>;
  /** Reads a torrent file, a large one in another process, as it can be made to take long. Rejects with EnsembleError('invalid-torrent'). */
  describe(torrent: Uint8Array): Promise<TorrentDescription>;
  /** Starts processes ahead of time, as a download with this many identities is about to be added. */
  prepare(identities: number): void;
  pause(key: TorrentKey): Promise<void>;
  /** Where files were missing, those that are still missing are downloaded again. */
  resume(key: TorrentKey): Promise<void>;
  /**
   * Begins anew with what lies elsewhere (`output`, absolute: the folder that its files are in, or the torrent's own folder), or, with
   * `reuse`, with what is right of what lies there, replacing the rest. What was fetched to another folder stays there. With
   * `found` rejects with EnsembleError('usage') where none of its files are in that folder.
   */
  reopen(key: TorrentKey, place: Reopening): Promise<void>;
  /**
   * Brings what is there of a download to another output folder (absolute), on another disk by copies that are compared before the
   * originals are removed; a move that a killed program began goes on when it is started again. Resolves when all is there. Rejects with
   * EnsembleError, the files where they were: 'exists' where something else is in the way, 'interrupted' where it was cancelled.
   */
  move(key: TorrentKey, output: string): Promise<void>;
  /** Stops a move, unless it is over but for names: what was brought over is removed. */
  cancelMove(key: TorrentKey): void;
  /** Leaves the swarm and forgets it; with `data` removes its working folder and its files. */
  remove(key: TorrentKey, options: { readonly data: boolean }): Promise<void>;
  /** Assembles the files (A13); rejects where pieces are missing, saying how many. */
  assemble(key: TorrentKey): Promise<readonly string[]>;
  /** Stops a running assembly; what it has done stays, and `assemble` continues from there. */
  cancelAssembly(key: TorrentKey): void;
  recheck(key: TorrentKey): Promise<void>;
  change(key: TorrentKey, changes: DownloadChanges): Promise<void>;
  /** Moves downloads in the order of the queue; those that are not there are passed over. */
  reorder(keys: readonly TorrentKey[], to: QueueMove): Promise<void>;
  announce(key: TorrentKey): void;
  /** Others than the torrent names, from now on (BEP 12). Rejects with EnsembleError('usage') for what is no tracker's URL. */
  setTrackers(key: TorrentKey, tiers: readonly (readonly string[])[]): Promise<void>;
  /** What leads others to it, with its trackers as they are now; undefined where there is no such download. */
  links(key: TorrentKey): Links | undefined;
  /** The torrent file to give to others; undefined while the metadata is not there. */
  torrentFile(key: TorrentKey): Uint8Array | undefined;
  addPeers(key: TorrentKey, peers: readonly Endpoint[]): void;
  /** Ends one identity's process at once; supervision starts it again. */
  restartIdentity(key: TorrentKey, identity: IdentityIndex): void;
  /** Limits over all downloads; 0: none. */
  setLimits(limits: RateLimits): void;
  /** Ways to peers that all downloads may use; a download uses those of them that its options allow. */
  setWays(ways: Ways): void;
  /** How many may be active at a time, when seeds have done enough, and the rules of categories. No limits and goals unless set. */
  setRules(rules: ListRules): void;
  /** Nobody at these addresses is a peer of any download, whoever names or dials whom. */
  setBarred(ranges: AddressRanges): void;
  /** How our nodes of the DHT behave from now on. */
  setDht(settings: DhtSettings): void;
  /** Our nodes of the DHT, one for each local address, as they were within the last seconds. */
  dhtNodes(): readonly DhtNodeSnapshot[];
  downloads(): readonly DownloadSnapshot[];
  download(key: TorrentKey): DownloadSnapshot | undefined;
  pieceMap(key: TorrentKey): PieceMapSnapshot | undefined;
  /** Addresses of the peers that a piece came from; empty where that is not known: it came in an earlier run. */
  pieceSource(key: TorrentKey, index: PieceIndex): readonly string[];
  files(key: TorrentKey): readonly FileSnapshot[];
  /** Its files, to be read while they come; undefined while it has no metadata. */
  content(key: TorrentKey): Content | undefined;
  trackers(key: TorrentKey): readonly TrackerSnapshot[];
  /** How each identity's sources of peers fare, its trackers among them; those that may not be used are left out. */
  sources(key: TorrentKey): readonly SourceSnapshot[];
  /** Peers are reported of one download at a time, the one that somebody looks at; undefined: of none. */
  watchPeers(key: TorrentKey | undefined): void;
  /** The peers of a download as they were when it was last watched. */
  peers(key: TorrentKey): readonly PeerSnapshot[];
  /** Returns a function that stops listening. */
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Leaves all swarms (`stopped` announced), saves, ends the processes; within 5 s. */
  close(): Promise<void>;
}
