import type { TorrentKey } from '../base/ids.ts';
import type {
  AppState,
  DownloadView,
  FileState,
  FileView,
  History,
  IdentityView,
  LogLine,
  PeerView,
  SourcesView,
} from './views.ts';

/** Fields of a download that changed; for a new download all fields. */
export type DownloadPatch = Partial<DownloadView> & Pick<DownloadView, 'key'>;

/** What changed since the last patch. */
export interface StatePatch {
  /** One more than that of the last snapshot or patch. After a gap: `subscribe` again. */
  readonly seq: number;
  readonly state: Partial<Omit<AppState, 'downloads'>>;
  readonly downloads: readonly DownloadPatch[];
  readonly removed: readonly TorrentKey[];
}

/** Parts of a byte array that changed. Where `length` differs from what is known, the rest is 0. */
export interface BytesPatch {
  /** Length of the whole array. */
  readonly length: number;
  /** Start and length of each range, in turn. */
  readonly ranges: Uint32Array;
  /** The content of all ranges, one after the other. */
  readonly bytes: Uint8Array;
}

/** What changed of the watched download; a missing field did not. */
export interface DetailPatch {
  readonly key: TorrentKey;
  /** Counts up from 0; at 0 forget what was known. After a gap: `watch` again. */
  readonly seq: number;
  readonly pieces?: BytesPatch;
  readonly availability?: BytesPatch;
  readonly begun?: Uint32Array;
  readonly identities?: readonly IdentityView[];
  readonly peers?: readonly PeerView[];
  readonly sources?: SourcesView;
  readonly files?: readonly FileView[];
  readonly fileState?: FileState;
  /** Samples to append; at seq 0 all that are kept. */
  readonly history?: History;
  /** Lines to append. */
  readonly log?: readonly LogLine[];
}

/** Samples of speed that are kept: a quarter of an hour. */
export const HISTORY_SAMPLES = 900;
/** Lines of a download's log that are kept. */
export const LOG_LINES = 500;
