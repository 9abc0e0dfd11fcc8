import { inLanes } from '../base/lanes.ts';
import type { Info } from '../metainfo/torrent.ts';
import { type Disk, diskCode } from '../ports/disk.ts';
import { Targets } from './targets.ts';

const WIDTH = 8;

/**
 * For files under their final names whose pieces are all right: cuts those that are too long, and makes the empty ones. False where
 * one cannot be cut because it has a second name, which is a file of the user's. Rejects with EnsembleError.
 */
export async function fitTargets(
  disk: Disk,
  output: string,
  info: Pick<Info, 'files'>,
  files: readonly number[],
): Promise<boolean> {
  const targets = new Targets(disk, output, info, true);
  let all = true;
  await inLanes(files, WIDTH, async (file) => {
    const found = await targets.look(file);
    const length = info.files[file]?.length ?? 0;
    if (length === 0) await targets.makeEmpty(file);
    else if (found === undefined || found.size > length) all &&= await cut(disk, targets.path(file), length);
  });
  await targets.sync(files);
  return all;
}

async function cut(disk: Disk, path: string, length: number): Promise<boolean> {
  try {
    const file = await disk.open(path, 'write');
    try {
      await file.truncate(length);
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (diskCode(error) === 'EMLINK') return false;
    throw error;
  }
}
