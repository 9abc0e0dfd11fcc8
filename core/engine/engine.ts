import type { AddressRanges } from '../base/address-ranges.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { IdentityIndex, Millis, PieceIndex, TorrentKey } from '../base/ids.ts';
import type { Content } from './content.ts';
import type { DownloadChanges, DownloadOptions } from './download-options.ts';
import type { LinkProfile, LinkSnapshot } from './link-profiles.ts';
import type { ListRules } from './list-rules.ts';
import type {
  DhtNodeSnapshot,
  DownloadSnapshot,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
  TorrentDescription,
  TrackerSnapshot,
} from './snapshots.ts';
import type { DhtSettings, RateLimits, Ways } from './statuses.ts';

/** What a download comes from. */
export type Source =
  { readonly kind: 'torrent'; readonly data: Uint8Array } | { readonly kind: 'magnet'; readonly link: string };

export type { DownloadChanges, DownloadOptions } from './download-options.ts';
export type * from './snapshots.ts';

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

/** What another program knew of a torrent that is taken over from it, and where it left files. */
export interface Brought {
  /** See `PlacedFiles.others`. */
  readonly others?: readonly string[];
  /** Unix milliseconds. */
  readonly added?: Millis;
  readonly finished?: Millis;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly seeded?: Millis;
}

/** What any front end can do; the command line calls it directly, windows through the bridge. Everything rejects with EnsembleError. */
export interface Engine {
  /**
   * Validates, takes the lock, loads what is on disk, and starts unless `paused`. Of a torrent that is there already, a link that chooses
   * files (`so=`, BEP 53) adds these to what is wanted; else it rejects with EnsembleError('in-use'). `brought`: it is taken over.
   */
  add(source: Source, options: DownloadOptions, brought?: Brought): Promise<TorrentKey>;
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
  /**
   * Gives a file or a folder another name in the same folder. `path`: as it is called now, with slashes, the torrent's name first where it
   * has several files; '': the torrent, which is called as its folder or its only file. What cannot be a name is made one, and one that is taken
   * by another of its files gets a number; resolves to the new path. Rejects with EnsembleError, all being as before: 'exists' where
   * something else on disk has that name, 'usage', 'in-use'.
   */
  rename(key: TorrentKey, path: string, name: string): Promise<string>;
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
  /** The links that have names, from now on. Who uses one that is another now leaves by that, or waits. */
  setLinks(profiles: readonly LinkProfile[]): void;
  /** The links that have names, and the addresses that downloads use besides. */
  linkStates(): readonly LinkSnapshot[];
  /** Nobody at these addresses is a peer of any download, whoever names or dials whom, nor a web seed, nor gets files by HTTP. */
  setBarred(ranges: AddressRanges): void;
  /** Whether an address is one of those. */
  bars(host: string): boolean;
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
