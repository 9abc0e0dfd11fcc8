import type { InfoHash, TorrentKey } from '../base/ids.ts';

/** The files of one download, to be read while they come. Only verified bytes are given out. */
export interface Content {
  readonly key: TorrentKey;
  readonly infoHash: InfoHash;
  /** A file by its number in the torrent; undefined where there is none, or it is padding. */
  file(index: number): ContentFile | undefined;
  /** A file by its names as they stand in the torrent, byte by byte, the torrent's own first (BEP 19). */
  find(path: readonly Uint8Array[]): ContentFile | undefined;
}

/**
 * For whom a file is read. `play`: for the user, and what is read next is fetched before all else. `upload`: for others; it counts as
 * uploaded, and waits for its part of the upload limits.
 */
export type Reads = 'play' | 'upload';

export interface ContentFile {
  /** Its place in `filePriorities`. */
  readonly index: number;
  /** As it is shown and stored, the torrent's name first where that has several files. */
  readonly path: readonly string[];
  /** Its names as they stand in the torrent; see `Content.find`. */
  readonly names: readonly Uint8Array[];
  /** Bytes. */
  readonly length: number;
  /** Whether all of these bytes are verified and can be read now. */
  has(offset: number, length: number): boolean;
  open(reads: Reads): FileReader;
}

/** One who reads a file, on from one place. */
export interface FileReader {
  /**
   * Verified bytes from `offset` of the file on: at least one, at most `most`. Waits until there are some, and says to the download
   * that they are wanted. Rejects with EnsembleError where they will not come, or `signal` is aborted.
   */
  read(offset: number, most: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): void;
}
