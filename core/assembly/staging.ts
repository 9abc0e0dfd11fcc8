import { inLanes } from '../base/lanes.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';

const WIDTH = 8;

/** The folder beside the targets that files grow in until they get their names; each is named by its index. */
export function stagingFolder({ infoHash }: Pick<Info, 'infoHash'>): string {
  return `.${infoHash.slice(0, 8)}.assembling`;
}

/**
 * Removes what an assembly left there, by the names that assemblies give: anything else stays, and the folder with it.
 * Whether there was anything.
 */
export async function clearStaging(
  disk: Disk,
  output: string,
  info: Pick<Info, 'infoHash' | 'files'>,
): Promise<boolean> {
  const folder = `${output}/${stagingFolder(info)}`;
  if ((await disk.info(folder))?.kind !== 'directory') return false;
  const names = (await disk.list(folder)).filter(
    (name) => /^(?:0|[1-9]\d*)$/.test(name) && Number(name) < info.files.length,
  );
  await inLanes(names, WIDTH, async (name) => {
    const path = `${folder}/${name}`;
    if ((await disk.info(path))?.kind === 'file') await disk.remove(path);
  });
  return (await disk.removeDirectory(folder)) || names.length > 0;
}
