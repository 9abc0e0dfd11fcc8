import type { AddressRanges } from '../../base/address-ranges.ts';
import type { FilterReport } from '../../base/filter-text.ts';
import type { Scope } from '../../base/ip-scope.ts';
import type { TorrentKey, Millis } from '../../base/ids.ts';
import type { CommandArgs, CommandName, FolderInfo, FolderList, MadeTorrent, Playing, Preview } from '../contract.ts';
import type { MakeChoices } from '../../engine/making.ts';
import type { ImportCandidate, ImportOutcome } from '../import-candidate.ts';
import type { LocalTime } from '../../engine/alternative-limits.ts';
import type { Engine, Source } from '../../engine/engine.ts';
import type { AddressView, AppView, LogLine } from '../views.ts';
import type { Statistics } from '../../engine/statistics-kept.ts';
import type { FeedAnswer, KeptFeeds, Validators } from '../../engine/feeds.ts';
import type { PathsFound } from '../../engine/paths.ts';
import type { Settings } from '../../engine/settings.ts';

/** Time, as `Clock` of `core/ports` tells it. */
export interface HostClock {
  now(): Millis;
  wall(): Millis;
  every(period: Millis, task: () => void): { cancel(): void };
}

export interface SettingsKeeper {
  readonly current: Settings;
  /** Resolves when the changes are stored; rejects where they cannot be, and then nothing has changed. */
  change(changes: Partial<Settings>): Promise<void>;
}

/**
 * Folders of this machine, as far as a window may see them. All methods reject for paths that lie outside of the roots once links
 * are resolved.
 */
export interface FolderService {
  info(folder: string): Promise<FolderInfo>;
  browse(folder: string | null): Promise<FolderList>;
  /** The folder's normalised path, to be used instead of what the window named. Rejects where downloads may not go there. */
  permit(folder: string): Promise<string>;
  /** Writes a new file into a folder, as `permit`, under this name made safe, or one like it that is free; resolves to its path. */
  keep(folder: string, name: string, data: Uint8Array): Promise<string>;
}

/** What the desktop does for a window; a browser has none. */
export interface ShellService {
  chooseFolder(start: string | null): Promise<string | null>;
  chooseFile(start: string | null): Promise<string | null>;
  reveal(path: string): Promise<void>;
  openFile(path: string): Promise<void>;
}

/** Plays a file of a download, whatever is there of it. */
export interface PlayerService {
  play(key: TorrentKey, file: number): Promise<Playing>;
}

/** Gives the files of all downloads to others by HTTP, as web seeds. */
export interface ServingService {
  /** Serves so from now on; resolves to what is to be kept. Rejects where it cannot, and goes on as before. */
  set(http: Settings['http']): Promise<Settings['http']>;
  /** Where it listens; empty: nothing is served. */
  readonly urls: readonly string[];
  /** Below which others find the files of a download; `null`: nothing is served. */
  urlOf(key: TorrentKey): string | null;
}

/** What is kept of a download's story. */
export interface KeptStory {
  /** The last lines of its log. */
  readonly lines: readonly LogLine[];
  /** How long its last assembly took. */
  readonly assembledIn: Millis | null;
}

/** Keeps the stories of downloads over runs of the program. What cannot be kept or read is left out: nothing rejects. */
export interface StoryKeeper {
  read(key: TorrentKey): Promise<KeptStory>;
  append(key: TorrentKey, news: KeptStory): Promise<void>;
  forget(key: TorrentKey): Promise<void>;
}

/** Keeps what was counted over runs of the program. `kept`: that of earlier runs; undefined: nobody has counted. */
export interface StatisticsKeeper {
  readonly kept: Statistics | undefined;
  keep(now: Statistics): Promise<void>;
}

/** A file in a folder that is watched; `modified`: Unix milliseconds. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
  readonly modified: number;
}

/** Files in folders that are watched. Methods reject with EnsembleError. */
export interface DropService {
  /** Those whose name is that of a torrent, or of links. */
  list(folder: string): Promise<readonly DroppedFile[]>;
  read(folder: string, name: string, most: number): Promise<Uint8Array>;
  /** Gives it a name that ends in `.added`, and replaces nothing. */
  setAside(folder: string, name: string): Promise<void>;
  /** What an earlier run had remembered. */
  remembered(): Promise<readonly string[]>;
  remember(files: readonly string[]): Promise<void>;
}

/** By which way the user's own requests leave: of `bind` and `proxies` the first is used, and no other; where both are empty the system chooses. */
export type WayOut = Pick<Settings, 'bind' | 'proxies'>;

/** Feeds on web servers, and what is remembered of them. Methods reject with EnsembleError. */
export interface FeedService {
  /** Chance, from 0 to 1. */
  uniform(): number;
  /** What is new since `known`, at most `MAX_FEED_BYTES`. */
  fetch(url: string, known: Validators, way: WayOut, signal: AbortSignal): Promise<FeedAnswer>;
  /** What an earlier run had remembered. Rejects where it cannot be read. */
  remembered(): Promise<KeptFeeds>;
  remember(now: KeptFeeds): Promise<void>;
}

/** Torrents of other clients on this machine. Both reject where a folder that was named is none of theirs, or may not be seen. */
export interface ImportService {
  look(folder: string | null, output: string | null): Promise<readonly ImportCandidate[]>;
  take(folder: string | null, how: Omit<CommandArgs<'importTorrents'>, 'folder'>): Promise<ImportOutcome>;
}

/** Makes torrents of files. */
export interface MakerService {
  /** `onProgress`: bytes that are hashed, of so many. Rejects with a sentence for what makes no torrent. */
  make(
    source: string,
    choices: MakeChoices,
    onProgress: (done: number, length: number) => void,
    signal: AbortSignal,
  ): Promise<MadeTorrent>;
}

/** The local swarm of "Try it". */
export interface DemoService {
  start(): Promise<{ readonly key: TorrentKey; readonly source: Source; readonly output: string }>;
  /** Ends tracker and seeds, and removes their files. */
  stop(): Promise<void>;
}

/** All that stands behind the bridge. */
export interface HostServices {
  readonly engine: Engine;
  readonly clock: HostClock;
  readonly app: AppView;
  readonly settings: SettingsKeeper;
  readonly folders: FolderService;
  readonly shell?: ShellService;
  /** Undefined: stories end with the program. */
  readonly stories?: StoryKeeper;
  /** Undefined: what is counted ends with the program. */
  readonly statistics?: StatisticsKeeper;
  /** Undefined: no folder is watched. */
  readonly drops?: DropService;
  /** Undefined: nothing is imported. */
  readonly importer?: ImportService;
  /** Undefined: no torrents are made. */
  readonly maker?: MakerService;
  /** Undefined: no feed is read. */
  readonly feeds?: FeedService;
  readonly demo: DemoService;
  readonly player: PlayerService;
  /** Undefined: the program serves no files. */
  readonly serving?: ServingService;
  /** Commands that may be given; undefined: all. For a program that does one thing and has no list of downloads. */
  readonly allowed?: ReadonlySet<CommandName>;
  /** See `fetchTorrent` in `core/discovery`. `innermost`: no server is asked that lies further in; undefined: any, as the user chose it. */
  fetchTorrent(url: string, way: WayOut, innermost?: Scope, signal?: AbortSignal): Promise<Source>;
  /** What these settings keep out. Rejects where the list cannot be read. */
  readBarred(
    settings: Pick<Settings, 'ipFilter' | 'banned'>,
  ): Promise<{ readonly ranges: AddressRanges; readonly report: FilterReport }>;
  addresses(): readonly AddressView[];
  /** By which link what is sent from each of them leaves. `gateways`: routers by hand. */
  paths(gateways: readonly string[]): Promise<PathsFound>;
  /** What the machine's clock on the wall shows. */
  localTime(wall: Millis): LocalTime;
  /** `chooses`: it is a link that chooses files, which it also does in a torrent that is there. */
  preview(source: Source): Promise<Omit<Preview, 'present' | 'more'> & { readonly chooses?: boolean }>;
}
