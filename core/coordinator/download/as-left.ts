import { Staging } from '../../assembly/staging.ts';
import type { Disk } from '../../ports/disk.ts';
import { clockWentBack, type FileTimes, isNewer, later } from '../../store/records/foreign-changes.ts';
import { wantedPaths } from '../folder/target.ts';
import type { PrepareInput } from './prepare-input.ts';

/** Most files that are looked at together. */
const MOST = 64;

/**
 * The newest times of the files of a download that is as the last run left it: all of them lie where they were put together, unchanged
 * since, and nothing of ours is beside them. Of thousands most are when the program starts again, so that a look at each name is all
 * that is done for them. Undefined: that is not so, or is to be found out step by step. `now`: Unix milliseconds.
 */
export async function asLeft(disk: Disk, input: PrepareInput, now: number): Promise<FileTimes | undefined> {
  const { info, options, workFolder, times, placed, everything, others } = input;
  if (times === undefined || placed === undefined || everything || others !== undefined) return undefined;
  if (options.filePriorities !== undefined || options.common !== undefined) return undefined;
  if (info.files.length > MOST || clockWentBack(times, now)) return undefined;
  const all = info.files.filter(({ padding }) => !padding);
  const ours = new Set(placed);
  const paths = wantedPaths(info, options);
  if (paths.length === 0 || !paths.every((path) => ours.has(path))) return undefined;
  const beside = [workFolder, new Staging(disk, options.output, info).folder];
  const found = await Promise.all([...beside, ...paths].map((path) => disk.info(path)));
  const [work, staging, ...files] = found;
  if (work !== undefined || staging !== undefined) return undefined;
  let newest: FileTimes = { modified: 0, changed: 0 };
  for (const [i, { length }] of all.entries()) {
    const there = files[i];
    if (there?.kind !== 'file' || there.size !== length || isNewer(there, times)) return undefined;
    newest = later(newest, there);
  }
  return newest;
}
