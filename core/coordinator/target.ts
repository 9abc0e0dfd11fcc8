import type { DownloadOptions } from '../bridge/engine.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { wantedFiles } from './file-choice.ts';

/** Lookups at the same time: a torrent may have 100,000 files. */
const AT_ONCE = 32;

/**
 * What lies where the files are to go: `none` of them; `whole`: every wanted file with its size; `other`: anything else.
 */
export type Target = 'none' | 'whole' | 'other';

/** Absolute path of a file of the torrent in the output folder. */
export function targetPath(info: Info, output: string, file: number): string {
  return `${output}/${(info.files[file]?.path ?? []).join('/')}`;
}

/** Looks at the output folder without reading content. */
export async function inspectTarget(
  disk: Disk,
  info: Info,
  options: Pick<DownloadOptions, 'output' | 'filePriorities'>,
): Promise<Target> {
  const wanted = wantedFiles(info, options.filePriorities);
  const files = [...wanted.keys()].filter((file) => wanted[file] === 1);
  let there = 0;
  let right = 0;
  const look = async (file: number): Promise<void> => {
    const found = await disk.info(targetPath(info, options.output, file));
    if (found === undefined) return;
    there++;
    if (found.kind === 'file' && found.size === info.files[file]?.length) right++;
  };
  for (let at = 0; at < files.length; at += AT_ONCE) {
    await Promise.all(files.slice(at, at + AT_ONCE).map(look));
  }
  if (there === 0) return 'none';
  return right === files.length ? 'whole' : 'other';
}
