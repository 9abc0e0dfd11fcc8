import { EnsembleError } from '../base/errors.ts';
import type { Disk } from '../ports/disk.ts';
import { isBelow } from '../ports/within.ts';
import type { ChosenFolder, StoreLocation } from './layouts/layout.ts';

/** Matches a working folder that we named ourselves; captures the folder that it is in. */
const OURS = /^(.+)[\\/]\.[^\\/]*\.[0-9a-f]{8}\.ensemble$/;

type DownloadPlaces = Pick<StoreLocation, 'workFolder' | 'output' | 'chosen'>;

/** The disk for a download's own folders: it follows no link below the folders that somebody chose (invariant 6). */
export function confined(disk: Disk, places: DownloadPlaces): Disk {
  if (places.chosen === undefined) return foldersOf(places).reduce((view, folder) => view.within(folder), disk);
  return places.chosen.reduce((view, { folder, real }) => view.within(folder, real), disk);
}

/** The folders that somebody chose, derived from the names of a download's folders. */
export function foldersOf({ workFolder, output }: Pick<DownloadPlaces, 'workFolder' | 'output'>): readonly string[] {
  const work = OURS.exec(workFolder)?.[1] ?? workFolder;
  return isBelow(output, work) ? [output] : [output, work];
}

/**
 * Finds out where these folders really lie, or would lie once they are made. From then on every process goes only there. `seen` is told
 * the `id` of those that lie as they are called. Rejects with EnsembleError('exists') where one cannot be a folder.
 */
export function whereTheyLie(
  disk: Disk,
  folders: readonly string[],
  seen?: (folder: string, id: string) => void,
): Promise<ChosenFolder[]> {
  return Promise.all(folders.map(async (folder) => ({ folder, real: await realOf(disk, folder, seen) })));
}

async function realOf(disk: Disk, folder: string, seen?: (folder: string, id: string) => void): Promise<string> {
  const real = await disk.realPath(folder);
  if (real !== undefined) {
    const there = await disk.info(real);
    if (real === folder && there !== undefined) seen?.(folder, there.id);
    if (there?.kind === 'directory') return real;
    throw new EnsembleError('exists', `"${folder}" is no folder: choose another one.`);
  }
  if ((await disk.info(folder))?.kind === 'link') {
    throw new EnsembleError(
      'exists',
      `"${folder}" is a link that leads nowhere: make what it leads to, or choose another folder.`,
    );
  }
  const end = Math.max(folder.lastIndexOf('/'), folder.lastIndexOf('\\'));
  if (end <= 0) return folder;
  const above = await realOf(disk, folder.slice(0, end));
  return `${above.replace(/[\\/]$/, '')}${folder.slice(end)}`;
}
