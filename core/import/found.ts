import type { InfoHash, Millis, TorrentKey } from '../base/ids.ts';
import type { DownloadOptions } from '../engine/download-options.ts';
import type { Info } from '../metainfo/torrent.ts';

export const CLIENTS = ['transmission', 'qbittorrent', 'aria2'] as const;
export type ClientName = (typeof CLIENTS)[number];
/** As people know them. */
export const CLIENT_NAMES: Readonly<Record<ClientName, string>> = {
  transmission: 'Transmission',
  qbittorrent: 'qBittorrent',
  aria2: 'aria2',
};

/** Most torrents that are taken from one client. */
export const MAX_FOUND = 20_000;

/** The choices that another client's record may tell. */
type Told =
  'filePriorities' | 'category' | 'tags' | 'down' | 'up' | 'identityUp' | 'seed' | 'sequential' | 'superSeeding';

/** A torrent file, with its trackers, or a magnet link. */
export type FoundSource =
  | { readonly kind: 'torrent'; readonly data: Uint8Array; readonly info: Info }
  | { readonly kind: 'magnet'; readonly link: string };

/** What another client's records say of one torrent. Nothing of it proves what is on disk. */
export interface Found {
  readonly client: ClientName;
  /** Name of the record, for sentences about it. */
  readonly record: string;
  readonly key: TorrentKey;
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly source: FoundSource;
  /** Absolute folders in which its files may lie, the likeliest first. */
  readonly folders: readonly string[];
  /** For each file its path below such a folder, where that is not the torrent's own. */
  readonly renamed: ReadonlyMap<number, string>;
  /** What unfinished files may have behind their names. */
  readonly endings: readonly string[];
  /** What is there by their record: pieces of the torrent; `complete`: all that are wanted. */
  readonly have: number;
  readonly complete: boolean;
  readonly options: Partial<Pick<DownloadOptions, Told>>;
  readonly paused: boolean;
  /** Unix milliseconds. */
  readonly added?: Millis;
  readonly finished?: Millis;
  /** Payload bytes in all. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** How long it has seeded. */
  readonly seeded: Millis;
  /** What was not understood, or is not taken over, in sentences. */
  readonly notes: readonly string[];
}
