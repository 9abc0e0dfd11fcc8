import type { SeedRule } from '../base/choices.ts';
import type { InfoHash, TorrentKey } from '../base/ids.ts';

/** A torrent of another client on this machine, and what becomes of it when it is imported. */
export interface ImportCandidate {
  /** Transmission, qBittorrent or aria2. */
  readonly client: string;
  /** Name of the record. */
  readonly record: string;
  readonly name: string;
  /** By which it is chosen, and its download is known later; `null`: the record cannot be read. */
  readonly key: TorrentKey | null;
  readonly infoHash: InfoHash | null;
  /** Bytes; `null`: not known. */
  readonly length: number | null;
  /** Its files are seeded where they are, what is right of them is copied, or it is downloaded; `null`: it is not taken. */
  readonly how: 'in-place' | 'copy' | 'download' | null;
  /** Where its files are then. */
  readonly output: string | null;
  /** Where its record says that they are. */
  readonly from: string | null;
  readonly paused: boolean;
  /** Share of its pieces that are there by its record, from 0 to 1; proven by nothing. */
  readonly have: number;
  readonly category: string | null;
  readonly tags: readonly string[];
  /** Limits of its own, bytes a second; 0: none. */
  readonly down: number;
  readonly up: number;
  /** Goals of its own for seeding. */
  readonly seed: SeedRule | null;
  /** Payload bytes so far. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** It is in the list already. */
  readonly present: boolean;
  /** What is not taken over of it, and why it cannot be taken, in sentences. */
  readonly notes: readonly string[];
}

/** What an import did. */
export interface ImportOutcome {
  readonly added: number;
  readonly present: number;
  readonly refused: number;
  /** Why some could not be added, at most 20 sentences. */
  readonly failures: readonly string[];
}

/** Nothing is known of it. */
export const NOTHING_KNOWN = {
  key: null,
  infoHash: null,
  length: null,
  how: null,
  output: null,
  from: null,
  paused: false,
  have: 0,
  category: null,
  tags: [],
  down: 0,
  up: 0,
  seed: null,
  downloaded: 0,
  uploaded: 0,
  present: false,
} as const satisfies Partial<ImportCandidate>;
