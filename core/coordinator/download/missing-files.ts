import { EnsembleError } from '../../base/errors.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import { wantedFiles } from './file-choice.ts';
import { folderBegun } from '../folder/folder-claim.ts';
import { inspectTarget, type Target, targetPath } from '../folder/target.ts';

/** What is known to have been there of a download. */
interface Expected {
  readonly info: Info;
  readonly options: Pick<DownloadOptions, 'output' | 'filePriorities'>;
  readonly workFolder: string;
  /** Files that have their final names. */
  readonly placed: readonly string[] | undefined;
  /** Some of it was downloaded before. */
  readonly fetched: boolean;
}

/**
 * Files of a download that were there are gone: moved, deleted, or on a disk that is not attached. Nothing is fetched or written
 * until somebody resumes it.
 */
export class FilesMissing extends EnsembleError {
  /** Whether every wanted file had its final name. */
  readonly finished: boolean;
  /** Those of the finished files that are still there; undefined: none. */
  readonly left: readonly string[] | undefined;

  constructor(name: string, [first = '', ...others]: readonly string[], finished: boolean, left: readonly string[]) {
    const more = others.length === 0 ? '' : ` and ${others.length} more of ${name}`;
    const verb = others.length === 0 ? 'is' : 'are';
    const help = 'put back what was moved, attach its disk again, or resume to download it again.';
    super('verification', `"${first}"${more} ${verb} missing: ${help}`);
    this.finished = finished;
    this.left = left.length === 0 ? undefined : left;
  }
}

/** What is gone of what should be there; `begun`: there is a working folder. */
export function findMissing(
  { info, options, workFolder, placed, fetched }: Expected,
  { kind, taken }: Target,
  begun: boolean,
): FilesMissing | undefined {
  if (placed === undefined) {
    return fetched && !begun && kind === 'none' ? new FilesMissing(info.name, [workFolder], false, []) : undefined;
  }
  const ours = new Set(placed);
  const wanted = wantedFiles(info, options.filePriorities);
  const gone: string[] = [];
  const left: string[] = [];
  let finished = true;
  for (const file of wanted.keys()) {
    if (wanted[file] !== 1) continue;
    const path = targetPath(info, options.output, file);
    if (!ours.has(path)) finished = false;
    else (taken[file] === 1 ? left : gone).push(path);
  }
  return gone.length === 0 ? undefined : new FilesMissing(info.name, gone, finished, left);
}

/** As `findMissing`, after looking at the disk. Rejects with EnsembleError('disk'). */
export async function lookForMissing(disk: Disk, expected: Expected): Promise<FilesMissing | undefined> {
  const { info, options, workFolder } = expected;
  const target = await inspectTarget(disk, info, options);
  return findMissing(expected, target, await folderBegun(disk, workFolder, info.infoHash));
}
