import type { LayoutKind } from '../../base/choices.ts';
import type { IdentityIndex } from '../../base/ids.ts';

/** A folder that somebody chose, which may be a link, and where it really lay when the download began. Both absolute. */
export interface ChosenFolder {
  readonly folder: string;
  readonly real: string;
}

/**
 * Where a download lies. The working folder (the common directory, A4) holds:
 * `manifest.json`, `lock`, `torrent`, `resume`, `have-<i>` (an identity's journal), `claims/<index>`, and of the payload
 * `files/...`, `part-<i>` with `part-<i>.index`, or `pieces/<index>`.
 */
export interface StoreLocation {
  readonly layout: LayoutKind;
  /** Absolute. `<output>/.<name>.<first 8 of the info-hash>.ensemble` where the user names none. */
  readonly workFolder: string;
  /** Absolute: the folder that the torrent's files are put into in the end. */
  readonly output: string;
  /**
   * The chosen folders in which `workFolder` and `output` lie; undefined: derived from their names (`foldersOf`). Nothing outside
   * is touched.
   */
  readonly chosen?: readonly ChosenFolder[];
  /** Whether the files have their final names below `output` (seeding, or a finished download), and are read there. */
  readonly assembled: boolean;
  /** Whose journal and part this process writes. */
  readonly identity: IdentityIndex;
}
