import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import type { TorrentId } from './torrent-id.ts';

/** One file of a torrent, as it will lie below the chosen folder. */
export interface TorrentFile {
  /**
   * Safe components below the chosen folder, the torrent's name first when it has several files.
   * Sanitised: never empty, absolute, `.`, `..`, reserved, over-long or colliding with another file's path.
   */
  readonly path: readonly string[];
  /** The path as it stands in the torrent, where that is something else: any text, fit for showing and comparing alone. */
  readonly own?: readonly string[];
  /** The path that it has in a working folder, where that is another: it was renamed, and only its final name follows that. */
  readonly inWork?: readonly string[];
  readonly length: number;
  /** Where it starts in the torrent's bytes. In a torrent of version 2 that is where a piece starts, with a gap before it. */
  readonly offset: number;
  /** Zero bytes that only align the next file (BEP 47, attr `p`): hashed as zeros, never stored. */
  readonly padding: boolean;
  /** Root of the Merkle tree over its blocks, 32 bytes (BEP 52); undefined in version 1 alone, for padding and for empty files. */
  readonly root?: Uint8Array;
}

/** The info dictionary: what the info-hash covers. */
export interface Info {
  /** All its info-hashes: one, or a hybrid's two. */
  readonly id: TorrentId;
  /** The one that is its name in folders, records and JSON (see `TorrentId`). */
  readonly infoHash: InfoHash;
  /** Safe file name; the torrent's name as people see it. */
  readonly name: string;
  /** What it was before it was renamed: its working folder is called so. Undefined: it was not. */
  readonly nameBefore?: string;
  /** Bytes of every piece but perhaps the last; in version 2 but perhaps the last of each file. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Bytes of all files, padding included. */
  readonly length: number;
  readonly files: readonly TorrentFile[];
  /** SHA-1 of each piece, 20 bytes each, in order; empty in a torrent of version 2 alone. */
  readonly pieceHashes: Uint8Array;
  /**
   * Root of the Merkle tree over each piece's blocks, 32 bytes each, in order (BEP 52, "piece layers"). They are checked against
   * the files' roots. Undefined in version 1 alone, and as long as not all of them are known: they are not in the info dictionary.
   */
  readonly pieceRoots?: Uint8Array;
  /** Peers only from its trackers (BEP 27). */
  readonly private: boolean;
  /** The raw bencoded info dictionary: what BEP 9 serves. */
  readonly raw: Uint8Array;
  /** With `raw` all that others need to read the same. */
  readonly naming: Naming;
  /** What was read otherwise than it stands there, in sentences for people. */
  readonly notes: readonly string[];
}

/** What decides a torrent's file names besides its info dictionary. */
export interface Naming {
  /** The encoding of names that are no UTF-8, as the torrent file states it: a label that TextDecoder knows. */
  readonly encoding?: string;
  /** A hybrid that was first known by its hash of version 2 alone, which stays its name. */
  readonly byV2?: boolean;
  /** Indexes of files that lie under the torrent's own names already, and keep them. */
  readonly keep?: readonly number[];
  /** Other names that the user chose; see `withChosenNames`. */
  readonly chosen?: ChosenNames;
}

/** Files and folders that were renamed: each by its path before any was, with slashes, and its name now. */
export type ChosenNames = readonly { readonly path: string; readonly name: string }[];

/** A torrent file after validation (BEP 3, 12, 27, 52). */
export interface Torrent {
  readonly info: Info;
  /** Tiers of announce URLs (BEP 12), at least one URL a tier; `announce` alone is one tier. http, https and udp only. */
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  /** Nodes of the DHT that may know it (BEP 5, "torrent file extensions"). A host may be a name. */
  readonly nodes: readonly Endpoint[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** Unix seconds. */
  readonly creationDate?: number;
  /** As `Info.notes`, about the torrent file as a whole. */
  readonly notes: readonly string[];
}
