import type { LinkKind } from '../base/choices.ts';
import type { IdentityIndex, TorrentKey, Millis } from '../base/ids.ts';
import type {
  DhtNodeSnapshot,
  DownloadSnapshot,
  IdentitySnapshot,
  PeerSnapshot,
  SourceSnapshot,
  TrackerSnapshot,
} from '../engine/engine.ts';
import type { LogLevel, Settings } from '../engine/settings.ts';
import type { PassedOver } from '../feeds/rule.ts';
import type { WebSeedStatus } from '../engine/statuses.ts';

// What a window knows. Every field is always there, and `null` where there is no value, so that a patch just overwrites fields,
// over any transport. Rates are bytes a second, sizes bytes, spans milliseconds, points in time Unix milliseconds.

/** An address of this machine that an identity can use. */
export interface AddressView {
  readonly interfaceName: string;
  /** What its link is made of. */
  readonly kind: LinkKind;
  readonly address: string;
  readonly family: 4 | 6;
  /** Loopback. */
  readonly internal: boolean;
}

/** Facts about the program and the machine; they do not change while the program runs. */
export interface AppView {
  readonly version: string;
  readonly shell: {
    readonly kind: 'desktop' | 'browser';
    /** Node's name of the system: `linux`, `darwin`, `win32`. */
    readonly platform: string;
    /** Whether `reveal` and `openFile` work. */
    readonly showsFiles: boolean;
    /** Whether `chooseFolder` opens the system's dialog; otherwise use `browse`. */
    readonly folderDialog: boolean;
  };
  /** Folders below which everything has to lie; empty: anywhere. */
  readonly roots: readonly string[];
  /** Whether a window may say which program runs when a download is done. */
  readonly mayRunPrograms: boolean;
}

/** A snapshot's fields as a window has them: `null` where there is no value. */
type Shown<T> = { readonly [K in keyof T]-?: object extends Pick<T, K> ? Exclude<T[K], undefined> | null : T[K] };

/** One download in the list: the engine's snapshot with nested groups flattened, and what the bridge adds to it. */
export interface DownloadView extends Shown<
  Omit<DownloadSnapshot, 'pieces' | 'bytes' | 'rate' | 'identities' | 'fileSlots' | 'trackerHosts'>
> {
  /** Hosts of the trackers that the torrent names, at most `MAX_TRACKER_HOSTS`. */
  readonly trackerHosts: readonly string[];
  readonly piecesHave: number;
  readonly piecesTotal: number;
  /** Wanted pieces that are not there yet: 0 makes assembly possible. */
  readonly piecesToGo: number;
  /** How many wanted and missing pieces no connected peer has; `null` where that is not known. */
  readonly piecesNobodyHas: number | null;
  readonly bytesHave: number;
  /** Bytes of the chosen files. */
  readonly bytesWanted: number;
  readonly bytesTotal: number;
  /** How many different trackers it announces to; `null` while that is not known. */
  readonly trackers: number | null;
  /** Of `peers`: those that have everything. */
  readonly seeds: number;
  /** How many other machines it is shared out with that are there. */
  readonly machines: number;
  readonly down: number;
  readonly up: number;
  /** How long the assembly took, verification included; `null` where it was not seen. */
  readonly assembledIn: Millis | null;
  /**
   * Its piece map as a line of at most 256 cells, two bytes a cell: a code (`PIECE`), and how much of the
   * cell is there, 0 to 255. The code is that of one identity that fetched pieces of the cell; over many cells each identity
   * appears in proportion to its pieces.
   */
  readonly overview: Uint8Array;
  /** Made by `startDemo`. */
  readonly demo: boolean;
  /** The URL below which others find its files by HTTP; `null`: they are not served. */
  readonly servedAt: string | null;
}

/** A feed of the settings, and how it fares. */
export interface FeedView {
  readonly url: string;
  /** What it calls itself; empty: that is not known yet. */
  readonly title: string;
  /** When it was last read; `null`: not since the program started. */
  readonly read: Millis | null;
  /** A sentence that says why the last look failed. */
  readonly error: string | null;
  /** How many items it has. */
  readonly items: number;
  /** Somebody looks at it now. */
  readonly reading: boolean;
}

/** An item of a feed, and what would become of it. */
export interface FeedItemView {
  /** URL of its feed. */
  readonly feed: string;
  readonly id: string;
  readonly title: string;
  readonly length: number | null;
  readonly published: number | null;
  /** Whether it names a torrent, or a page alone. */
  readonly hasLink: boolean;
  /** `taken`: it was; `takes`: `rule` will; else why none does. */
  readonly verdict: 'taken' | 'takes' | PassedOver | 'no-rule';
  readonly rule: string | null;
}

/** A torrent that is being made; `length` is 0 while it is looked what there is. */
export interface MakingView {
  readonly path: string;
  /** Bytes that are hashed, of so many. */
  readonly done: number;
  readonly length: number;
}

/** All that the list and the frame around it need. */
export interface AppState {
  readonly app: AppView;
  readonly settings: Settings;
  readonly addresses: readonly AddressView[];
  /** Limit over all downloads. */
  readonly down: number;
  readonly up: number;
  /** Whether the alternative limits hold now, by schedule or by hand. */
  readonly alternative: boolean;
  /** Where files are served by HTTP; empty: they are not. */
  readonly serving: readonly string[];
  /** The torrent that is being made of files. */
  readonly making: MakingView | null;
  /** In the order of the settings. */
  readonly feeds: readonly FeedView[];
  /** The local swarm of "Try it". */
  readonly demo: 'off' | 'starting' | 'on';
  /** In the order in which they were added. */
  readonly downloads: readonly DownloadView[];
}

export interface IdentityView extends Shown<Omit<IdentitySnapshot, 'held' | 'rate'>> {
  /** How many of the pieces that are there came from it, also in earlier runs. */
  readonly pieces: number;
  readonly interfaceName: string | null;
  /** What its link is made of. */
  readonly linkKind: LinkKind | null;
  readonly down: number;
  readonly up: number;
  readonly timeLeft: Millis | null;
}

export type PeerView = Omit<PeerSnapshot, 'endpoint'> & {
  /** `host:port`, IPv6 in brackets. */
  readonly endpoint: string;
};

export type TrackerView = Shown<TrackerSnapshot>;

/** How a source of peers that is no tracker fares for one identity. What it gave is in `IdentityView.sources`. */
export type WayView =
  | Omit<Shown<Extract<SourceSnapshot, { readonly kind: 'dht' }>>, 'found' | 'last'>
  | Omit<Extract<SourceSnapshot, { readonly kind: 'pex' }>, 'found'>
  | Omit<Shown<Extract<SourceSnapshot, { readonly kind: 'lsd' }>>, 'found'>;

/** One of our nodes in the DHT. */
export interface DhtNodeView extends Pick<
  Shown<DhtNodeSnapshot>,
  'address' | 'port' | 'family' | 'state' | 'externalAddress' | 'readOnly'
> {
  /** Others that it knows and that answered lately. */
  readonly nodes: number;
}

/** A server that has the torrent's files (BEP 19), as one identity knows it. */
export type WebSeedView = Shown<WebSeedStatus & { readonly identity: IdentityIndex }>;

/** Where peers, and blocks, come from. */
export interface SourcesView {
  readonly trackers: readonly TrackerView[];
  readonly webSeeds: readonly WebSeedView[];
  readonly ways: readonly WayView[];
  /** Those that serve the download, as well as all others of the program. */
  readonly nodes: readonly DhtNodeView[];
}

/** A file and its place; its progress is in `FileState`. Padding files are left out. */
export interface FileView {
  /** Its place in `DownloadOptions.filePriorities`. */
  readonly index: number;
  readonly path: string;
  readonly length: number;
  /** First and last piece that hold bytes of it; -1 for an empty file. */
  readonly firstPiece: number;
  readonly lastPiece: number;
}

/** The state of all files, in the order of `files`. */
export interface FileState {
  /** Bytes of verified pieces. */
  readonly have: Float64Array;
  /** 0 not wanted, to 7; 4 is normal. */
  readonly priority: Uint8Array;
}

export interface LogLine {
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** Speed once a second, of each identity: sample s of identity i stands at s * identities + i. */
export interface History {
  readonly identities: number;
  /** When each sample was taken. */
  readonly times: Float64Array;
  readonly down: Float32Array;
  readonly up: Float32Array;
}

/** The state of each piece. */
export interface PieceMap {
  /** A code for each piece: `PIECE`. */
  readonly pieces: Uint8Array;
  /** How many peers have each piece, over all identities; 255 means 255 or more. */
  readonly availability: Uint8Array;
  /** Pieces being fetched, three numbers each: index, identity, how much is there 0 to 255. */
  readonly begun: Uint32Array;
}

/** One download in full, as far as it is watched: parts that are not watched are `null`. */
export interface Detail {
  readonly key: TorrentKey;
  readonly map: PieceMap | null;
  readonly identities: readonly IdentityView[] | null;
  readonly peers: readonly PeerView[] | null;
  readonly sources: SourcesView | null;
  readonly files: readonly FileView[] | null;
  readonly fileState: FileState | null;
  readonly history: History | null;
  readonly log: readonly LogLine[] | null;
}

/** Parts of a `Detail` that a window asks for: what it shows. `files` brings `fileState` too. */
export type DetailPart = 'map' | 'identities' | 'peers' | 'sources' | 'files' | 'history' | 'log';
