import type { Bitfield } from '../../base/bitfield.ts';
import { counted } from '../../base/counted.ts';
import { identityIndex, type IdentityIndex, type PieceIndex, unknownOwners } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Ports } from '../../ports/ports.ts';
import {
  type FileTimes,
  type ForeignChanges,
  foreignChanges,
  lastRecorded,
} from '../../store/records/foreign-changes.ts';
import { wantedFiles } from './file-choice.ts';
import { locationOf } from '../run/run-plan.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';

/** A download whose files somebody else may have changed. */
interface Watched {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: DownloadOptions;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  /** A sentence for people. */
  readonly warn: (text: string) => void;
  readonly signal?: StopSignal;
}

/** What would be trusted of a working folder without reading it. */
interface Believed {
  readonly have: Bitfield;
  readonly owners: Uint8Array;
  /** Nothing of ours was written after the records. */
  readonly clean: boolean;
  /** Set where only this identity's records tell when its files were last written, as siblings write to other files at any time. */
  readonly writer?: IdentityIndex | undefined;
}

type NeededPorts = Pick<Ports, 'disk' | 'clock'>;

/** Pieces of a working folder whose files somebody changed since we last wrote there: they have to be read before they count. */
export async function changedInFolder(
  { disk, clock }: NeededPorts,
  watched: Watched,
  { have, owners, clean, writer }: Believed,
): Promise<readonly PieceIndex[]> {
  const { info, geometry, workFolder, signal } = watched;
  const since = await lastRecorded(disk, workFolder, clean, writer);
  const location = locationOf(watched, identityIndex(0), false);
  // The clock of a network disk may be ahead of ours; the lock has just been written, by that clock.
  const now = Math.max(clock.wall(), (await disk.info(`${workFolder}/lock`))?.modified ?? 0);
  const found = await foreignChanges(disk, { info, geometry, location, owners, have, since, now, signal });
  tell(watched, found, 'since the last run');
  return found.pieces;
}

/**
 * The same for assembled files, whose newest times were `times`; undefined: only find out these times. Files that are not wanted
 * are not looked at, even if pieces reach into them.
 */
export async function changedAtTarget(
  { disk, clock }: NeededPorts,
  watched: Watched,
  have: Bitfield,
  times: FileTimes | undefined,
): Promise<ForeignChanges> {
  const { geometry, signal, options } = watched;
  const wanted = wantedFiles(watched.info, options.filePriorities);
  const files = watched.info.files.map((file, i) => (wanted[i] === 1 ? file : { ...file, padding: true }));
  const info = { ...watched.info, files };
  const since = times ?? { modified: Infinity, changed: Infinity };
  const now = times === undefined ? Infinity : clock.wall();
  const location = locationOf(watched, identityIndex(0), true);
  const owners = unknownOwners(info.pieceCount);
  const found = await foreignChanges(disk, { info, geometry, location, owners, have, since, now, signal });
  if (times !== undefined) tell(watched, found, 'since the download was finished');
  return found;
}

function tell({ info, warn }: Watched, { files, pieces }: ForeignChanges, since: string): void {
  const [first] = files;
  if (first === undefined) return;
  const others = files.length === 1 ? '' : ` and ${files.length - 1} more of ${info.name}`;
  const what = files.length === 1 ? 'was' : 'were';
  const read = `${counted(pieces.length, 'piece')} ${pieces.length === 1 ? 'is' : 'are'}`;
  warn(`"${first}"${others} ${what} changed or removed by another program ${since}: ${read} read again.`);
}
