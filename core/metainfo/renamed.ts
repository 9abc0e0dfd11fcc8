import type { Info } from './torrent.ts';

/** Characters of a path that are shown: a name in a torrent may have millions. */
const MAX_SHOWN = 1024;

/** A file that lies under another path than the torrent says, each as one text. */
export interface Renamed {
  readonly path: string;
  readonly own: string;
}

/** How many files of a torrent are named otherwise than it says, and the first of them. */
export function renamedFiles({ files }: Pick<Info, 'files'>, most: number): { count: number; first: Renamed[] } {
  const first: Renamed[] = [];
  let count = 0;
  for (const { path, own } of files) {
    if (own === undefined) continue;
    if (++count <= most) first.push({ path: path.join('/'), own: shownPath(own) });
  }
  return { count, first };
}

/** A path as it stands in a torrent, for people. */
export function shownPath(own: readonly string[]): string {
  const text = own.join('/');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
