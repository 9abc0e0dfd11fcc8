import { EnsembleError } from '../../base/errors.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import { inspectTarget } from './target.ts';

/**
 * The output folder that a user means: the one that was named, or the one above it where that one is the torrent's own folder. `found`: some
 * of its files have to be there; else rejects with EnsembleError('usage').
 */
export async function placeOf(
  disk: Disk,
  info: Info | undefined,
  options: DownloadOptions,
  { output, found }: { readonly output: string; readonly found: boolean },
): Promise<string> {
  if (info === undefined) return output;
  const holds = async (folder: string): Promise<boolean> => {
    const { taken } = await inspectTarget(disk, info, { ...options, output: folder });
    return taken.includes(1);
  };
  if (await holds(output)) return output;
  const at = output.lastIndexOf('/');
  const above = output.slice(0, Math.max(1, at));
  const own = info.files[0]?.path.length === 1 ? undefined : info.files[0]?.path[0];
  if (output.slice(at + 1) === own && (await holds(above))) return above;
  if (found) {
    throw new EnsembleError(
      'usage',
      `None of the files of ${info.name} is in ${output}: choose the folder that holds them.`,
    );
  }
  return output;
}
