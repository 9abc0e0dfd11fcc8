import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { NORMAL } from '../../engine/values.ts';
import type { Ports } from '../../ports/ports.ts';
import { targetPath } from '../folder/target.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { changedAtTarget } from './changed-files.ts';
import { wantedPieces } from './file-choice.ts';

/** Times that say of every file that somebody changed it since: all of it is read again. */
const ALL_CHANGED: FileTimes = { modified: 0, changed: 0 };

/** A download with finished files, and where they lie. */
interface Finished extends Pick<RunPlan, 'workFolder' | 'chosen'> {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: DownloadOptions;
  /** Absolute paths of the finished files; undefined: there are none. */
  readonly placed: readonly string[] | undefined;
  readonly warn: (text: string) => void;
}

type NeededPorts = Pick<Ports, 'disk' | 'clock'>;

/** Whether nobody else changed the finished files since these times. What somebody changed is told. */
export async function areUnchanged(ports: NeededPorts, of: Finished, times: FileTimes | undefined): Promise<boolean> {
  if (of.placed === undefined || times === undefined) return of.placed === undefined;
  const ours = onlyFinished(of);
  return (await changedAtTarget(ports, ours, wantedPieces(ours), times)).pieces.length === 0;
}

/** The times of finished files after we gave them other names, which is a change. `trusted`: `areUnchanged` said so before. */
export async function timesAfter(ports: NeededPorts, of: Finished, trusted: boolean): Promise<FileTimes> {
  if (!trusted) return ALL_CHANGED;
  const ours = onlyFinished(of);
  return (await changedAtTarget(ports, ours, wantedPieces(ours), undefined)).newest;
}

function onlyFinished<T extends Finished>(of: T): T {
  const { info, options, placed } = of;
  const there = new Set(placed);
  const filePriorities = info.files.map((_, file) => (there.has(targetPath(info, options.output, file)) ? NORMAL : 0));
  return { ...of, options: { ...options, filePriorities } };
}
