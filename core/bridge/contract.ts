import type { Endpoint } from '../base/endpoint.ts';
import type { FilterReport } from '../base/filter-text.ts';
import type { IdentityIndex, InfoHash, TorrentKey } from '../base/ids.ts';
import type { AddOptions, DownloadChanges } from '../engine/download-options.ts';
import type { DhtNodeSnapshot, Links, QueueMove, Reopening, Source, TorrentDescription } from '../engine/engine.ts';
import type { DownloadLine, Look, LookPart } from './looks.ts';
import type { ImportCandidate, ImportOutcome } from './import-candidate.ts';
import type { DetailPatch, StatePatch } from './patches.ts';
import type { MakeChoices } from '../engine/making.ts';
import type { FeedRule } from '../engine/feeds.ts';
import type { AppState, DetailPart, FeedItemView } from './views.ts';
import type { Statistics } from '../engine/statistics-kept.ts';
import type { PathsInUse } from '../engine/paths.ts';
import type { Settings } from '../engine/settings.ts';

/** Version of commands, events and views. A window of another version is refused by name. */
export const BRIDGE_VERSION = 1;

/** Milliseconds between patches: at most five a second. */
export const PATCH_PERIOD = 200;

/** A window for which more bytes than this wait is behind: it gets no patches and no large answers until it has caught up. */
export const MAX_BACKLOG = 1024 * 1024;

/** A torrent before it is added. For a magnet link everything that is in the metadata is `null` or empty. */
export interface Preview extends Omit<TorrentDescription, 'length' | 'pieceLength' | 'pieceCount'> {
  readonly length: number | null;
  readonly pieceLength: number | null;
  readonly pieceCount: number | null;
  /** It is in the list already, and to add it once more adds nothing. */
  readonly present: boolean;
  /** It is in the list already, and this link chooses files of it that may be added to what is wanted. */
  readonly more: boolean;
}

/** A torrent that was made. */
export interface MadeTorrent {
  /** The torrent file. */
  readonly data: Uint8Array;
  readonly name: string;
  /** Where its files lie. */
  readonly folder: string;
  readonly infoHash: InfoHash;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly length: number;
  readonly files: number;
}

/** A folder to save in. */
export interface FolderInfo {
  readonly folder: string;
  /** Free bytes; `null` where that is not known. */
  readonly free: number | null;
  /** Whether it exists or can be made, and may be written to. */
  readonly usable: boolean;
  /** A sentence that says why it is not usable. */
  readonly problem: string | null;
}

/** A folder with the folders in it, as the served UI chooses among them. */
export interface FolderList {
  /** `null`: the roots themselves are listed. */
  readonly folder: string | null;
  /** The folder above; `null`: the list of roots. */
  readonly parent: string | null;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly free: number | null;
}

interface OfDownload {
  readonly key: TorrentKey;
}

/** Every command: what it takes, and what it resolves with. Each rejects with EnsembleError. */
export interface Commands {
  /** Sends `snapshot`, and from then on patches. A second call gets a fresh snapshot. */
  subscribe: { args: { readonly version: number }; result: null };
  /** Which download is shown in full: sends `detail` with seq 0, then what changes. `null`: none. */
  watch: {
    args: { readonly key: TorrentKey; readonly parts: readonly DetailPart[] } | null;
    result: null;
  };
  /** A window that is not visible gets no patches; when it is visible again it gets what changed. */
  setVisible: { args: { readonly visible: boolean }; result: null };

  /** All downloads in short, in the order of the queue, for clients that ask now and then and follow nothing. */
  list: { args: null; result: readonly DownloadLine[] };
  /** One download in full, as it is now. */
  look: { args: OfDownload & { readonly parts: readonly LookPart[] }; result: Look };
  settings: { args: null; result: Settings };

  /** Fetches a .torrent file from its address on a web server, by the way that new downloads take; it may lead to a magnet link. */
  fetchTorrent: { args: { readonly url: string }; result: Source };
  preview: { args: { readonly source: Source }; result: Preview };
  /** Also remembers the folder (`Settings.recentFolders`). */
  add: { args: { readonly source: Source; readonly options: AddOptions }; result: TorrentKey };
  pause: { args: OfDownload; result: null };
  resume: { args: OfDownload; result: null };
  /** See `Engine.reopen`. */
  reopen: { args: OfDownload & { readonly place: Reopening }; result: null };
  /** See `Engine.move`; resolves when all is there. Progress is `DownloadView.work`. */
  move: { args: OfDownload & { readonly output: string }; result: null };
  cancelMove: { args: OfDownload; result: null };
  /** See `Engine.rename`. */
  rename: { args: OfDownload & { readonly path: string; readonly name: string }; result: string };
  remove: { args: OfDownload & { readonly data: boolean }; result: null };
  /** Resolves to the files' paths when they have their final names; progress is `DownloadView.work`. */
  assemble: { args: OfDownload; result: readonly string[] };
  cancelAssembly: { args: OfDownload; result: null };
  recheck: { args: OfDownload; result: null };
  change: { args: OfDownload & { readonly changes: DownloadChanges }; result: null };
  /** Priority of some files (`FileView.index`): 0 not wanted, to 7; 4 is normal. */
  setPriority: { args: OfDownload & { readonly files: readonly number[]; readonly priority: number }; result: null };
  /** See `Engine.reorder`. */
  reorder: { args: { readonly keys: readonly TorrentKey[]; readonly to: QueueMove }; result: null };
  announce: { args: OfDownload; result: null };
  /** A magnet link that names its trackers, and these. */
  links: { args: OfDownload; result: Links };
  setTrackers: { args: OfDownload & { readonly tiers: Links['trackers'] }; result: null };
  /** Writes its torrent file into a folder, under a name that is free; resolves to the file's path. */
  exportTorrent: { args: OfDownload & { readonly folder: string }; result: string };
  addPeers: { args: OfDownload & { readonly peers: readonly Endpoint[] }; result: null };
  /** Addresses of the peers that a piece came from; empty where that is not known. */
  pieceSource: { args: OfDownload & { readonly piece: number }; result: readonly string[] };
  /** The program's nodes of the DHT in full. */
  dhtNodes: { args: null; result: readonly DhtNodeSnapshot[] };
  restartIdentity: { args: OfDownload & { readonly identity: IdentityIndex }; result: null };

  /** A local tracker, seeds with limited upload, and a download from them; resolves when it is in the list. */
  startDemo: { args: null; result: TorrentKey };
  /** Ends tracker and seeds, and removes the download with its files. */
  stopDemo: { args: null; result: null };

  /** Makes a torrent of a file or folder; progress is `AppState.making`. One at a time. */
  makeTorrent: { args: { readonly path: string; readonly choices: MakeChoices }; result: MadeTorrent };
  cancelMaking: { args: null; result: null };
  /** Writes a torrent file into a folder, under this name or one like it that is free; resolves to the file's path. */
  saveTorrent: { args: { readonly folder: string; readonly name: string; readonly data: Uint8Array }; result: string };
  /** The system's dialog for a file, as `chooseFolder`. */
  chooseFile: { args: { readonly start: string | null }; result: string | null };
  /** Torrents that other clients keep in a folder, or in their usual ones (`null`), and what would become of them. `output`: `null`: the settings' folder. */
  importCandidates: {
    args: { readonly folder: string | null; readonly output: string | null };
    result: readonly ImportCandidate[];
  };
  /** Takes them over, or of them `only` these, each as `importCandidates` said; nothing of theirs is changed. */
  importTorrents: {
    args: {
      readonly folder: string | null;
      readonly output: string | null;
      readonly paused: boolean;
      readonly only?: readonly TorrentKey[];
    };
    result: ImportOutcome;
  };
  /** Looks at a feed of the settings now; how that went is in its view. */
  readFeed: { args: { readonly url: string }; result: null };
  /** Items of one feed or all (`null`), and what the rules of the settings, or this one in their place, would do with them. */
  feedItems: {
    args: { readonly feed: string | null; readonly rule: FeedRule | null };
    result: readonly FeedItemView[];
  };
  /** Adds an item of a feed with the usual options. */
  takeItem: { args: { readonly feed: string; readonly id: string }; result: 'added' | 'present' };

  /** By which link what is sent from each local address leaves, and what downloads send by each. */
  paths: { args: null; result: PathsInUse };
  /** What this run of the program, and all of them, moved. */
  statistics: { args: null; result: { readonly run: Statistics; readonly all: Statistics } };
  /** Reads the list of `Settings.ipFilter` again. */
  readFilter: { args: null; result: FilterReport };
  /** Ends connections with whoever is at this address, for all downloads and for good (`Settings.banned`). */
  banPeer: { args: { readonly host: string }; result: null };
  /** Uses the alternative limits, or the others, until the schedule says something else. */
  useAlternativeLimits: { args: { readonly on: boolean }; result: null };
  changeSettings: { args: { readonly changes: Partial<Settings> }; result: null };
  folderInfo: { args: { readonly folder: string }; result: FolderInfo };
  /** Folders in a folder; `null`: the roots, or the user's own folder where there are none. */
  browse: { args: { readonly folder: string | null }; result: FolderList };
  /** The system's dialog (`AppView.shell.folderDialog`); `null`: cancelled. */
  chooseFolder: { args: { readonly start: string | null }; result: string | null };
  /** Shows an assembled file in the system's file manager (`AppView.shell.showsFiles`). */
  reveal: { args: OfDownload & { readonly file?: number }; result: null };
  /** Opens an assembled file with its program. */
  openFile: { args: OfDownload & { readonly file: number }; result: null };
  /** Plays a film or music, also while it downloads: what is played next is fetched first. */
  play: { args: OfDownload & { readonly file: number }; result: Playing };
}

/**
 * Who plays a file: `page`: the window itself, from this address of its own origin; `player`: the system's program for such files;
 * `browser`: the system's browser, as no other program takes an address.
 */
export type Playing = { readonly by: 'page'; readonly url: string } | { readonly by: 'player' | 'browser' };

/** Something that a window tells the user, and that the desktop shell may show as a notification. */
export interface Notice {
  readonly kind: 'complete' | 'assembled' | 'failed' | 'error';
  readonly key: TorrentKey | null;
  readonly name: string | null;
  readonly message: string;
}

/** What the host sends without being asked. */
export interface Events {
  snapshot: { readonly seq: number; readonly state: AppState };
  patch: StatePatch;
  detail: DetailPatch;
  notice: Notice;
  /** Ask how to add this: a file or link was opened from outside (command line, association). Several come one after the other. */
  offer: { readonly source: Source; readonly fileName: string | null };
  /** A choice in the native menu that the window carries out. */
  menu: { readonly action: MenuAction };
}

export type MenuAction =
  | 'add'
  | 'paste'
  | 'create'
  | 'import'
  | 'settings'
  | 'pause'
  | 'resume'
  | 'remove'
  | 'select-all'
  | 'find'
  | 'assemble'
  | 'show-in-folder'
  | 'about';

export type CommandName = keyof Commands;
export type CommandArgs<K extends CommandName> = Commands[K]['args'];
export type CommandResult<K extends CommandName> = Commands[K]['result'];
export type EventName = keyof Events;

/** `connecting`: commands wait; `open`; `closed`: for good, commands reject. */
export type ConnectionState = 'connecting' | 'open' | 'closed';

/** The window's end of the bridge, the same over Electron IPC, WebSocket and in memory. */
export interface BridgeClient {
  /** Rejects with EnsembleError: its message is a sentence for people. */
  call<K extends CommandName>(name: K, args: CommandArgs<K>): Promise<CommandResult<K>>;
  /** Returns a function that stops listening. */
  on<K extends EventName>(name: K, listener: (payload: Events[K]) => void): () => void;
  readonly state: ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  close(): void;
}

/** Carries messages in order, both ways. Messages must survive structured cloning and `encodeMessage`. */
export interface BridgeTransport {
  post(message: unknown): void;
  /** Set once, before messages come. A promise that the listener returns tells when the message has been dealt with. */
  onMessage(listener: (message: unknown) => unknown): void;
  /** The transport has closed: nothing is received or sent any more. */
  onClose(listener: () => void): void;
  close(): void;
  /** Bytes that wait to be sent; where there are many the host leaves out patches. 0 where that is not known. */
  readonly backlog: number;
  /** Resolves once at most MAX_BACKLOG bytes wait or it has closed; undefined where that is so already. */
  drained(): Promise<void> | undefined;
}
