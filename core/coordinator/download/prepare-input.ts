import type { StopSignal } from '../../base/stopper.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';

/** What is known of a download before anybody looks what is there of it. */
export interface LookInput {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: DownloadOptions;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  /** Files that we assembled before, under their final names. Undefined: none ever was. */
  readonly placed: readonly string[] | undefined;
  /** Who fetched which piece of these files; undefined: nobody knows. */
  readonly owners: Uint8Array | undefined;
}

/** The same where it is about to start: what it may do to find out. */
export interface PrepareInput extends LookInput {
  readonly torrentFile: Uint8Array;
  /** Newest times of these when they were known to be right. */
  readonly times: FileTimes | undefined;
  /** Files that another program left, by the torrent's files (see `PlacedFiles.others`), and the disk that they are read from. */
  readonly others: { readonly paths: readonly string[]; readonly disk: Disk } | undefined;
  /** Whether to read every piece, whatever is known of it. */
  readonly everything: boolean;
  /** Whether some of it was downloaded before. */
  readonly fetched: boolean;
  /** Whether the user wants missing files to be fetched again. */
  readonly fetchMissing: boolean;
  readonly lock: () => Promise<void>;
  /** Removes what an earlier run left of the working folder; resolves to whether there was anything. */
  readonly clearLeft: () => Promise<boolean>;
  /** Removes what an assembly that was cut short left beside the files. */
  readonly clearStaging: () => Promise<boolean>;
  /** Runs what takes long, while others look at the disk. */
  readonly away: <T>(work: () => Promise<T>) => Promise<T>;
  readonly progress: (fraction: number) => void;
  readonly warn: (text: string) => void;
  readonly signal: StopSignal;
}
