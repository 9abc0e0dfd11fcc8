import { inLanes } from '../base/lanes.ts';
import { canKeep } from '../metainfo/keep-names.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import type { Found } from './found.ts';

/** How many files are looked up at the same time. */
const AT_ONCE = 32;

/** A torrent of another client, and where its files are. */
export interface Planned {
  readonly found: Found;
  /**
   * The folder in which its files are to stay and be seeded from; undefined: they are unfinished or renamed, so what is right of them is copied, and
   * they stay as they are.
   */
  readonly inPlace: string | undefined;
  /** For each file the absolute path under which it is there, or should be, '' for none; undefined: there is nothing. */
  readonly others: readonly string[] | undefined;
  /** How many files are wanted, and how many of them have a file on disk. */
  readonly files: { readonly wanted: number; readonly there: number };
}

interface Lying {
  readonly path: string;
  readonly there: boolean;
  /** It has its final name and, where it is there, its size. */
  readonly whole: boolean;
}

/** Looks where a torrent's files are, without reading any. */
export async function look(disk: Disk, found: Found): Promise<Planned> {
  const { source, options, complete, have } = found;
  if (source.kind === 'magnet') {
    return { found, inPlace: undefined, others: undefined, files: { wanted: 0, there: 0 } };
  }
  const { files } = source.info;
  const isWanted = (i: number): boolean => files[i]?.padding !== true && options.filePriorities?.[i] !== 0;
  const stored = [...files.keys()].filter((i) => files[i]?.padding === false);
  const lying: (Lying | undefined)[] = files.map(() => undefined);
  await inLanes(stored, AT_ONCE, async (i) => {
    lying[i] = await find(disk, found, source.info, i);
  });
  const wanted = stored.filter(isWanted);
  const there = wanted.filter((i) => lying[i]?.there === true).length;
  const any = stored.some((i) => lying[i]?.there === true);
  const whole = complete && wanted.length > 0 && wanted.every((i) => lying[i]?.whole === true);
  return {
    found,
    inPlace: whole ? commonFolder(source.info, lying, wanted) : undefined,
    others: any || have > 0 ? lying.map((one) => one?.path ?? '') : undefined,
    files: { wanted: wanted.length, there },
  };
}

/** The first place where a file is, else where it should be. */
async function find(disk: Disk, found: Found, info: Info, i: number): Promise<Lying | undefined> {
  const { length = 0 } = info.files[i] ?? {};
  let first: string | undefined;
  for (const ending of ['', ...found.endings]) {
    for (const folder of found.folders) {
      for (const name of namesOf(found, info, i)) {
        const path = `${folder === '/' ? '' : folder}/${name}${ending}`;
        first ??= path;
        const at = await disk.info(path).catch(() => undefined);
        if (at?.kind === 'file') return { path, there: true, whole: ending === '' && at.size === length };
      }
    }
  }
  return first === undefined ? undefined : { path: first, there: false, whole: true };
}

/** Its path below a folder: as it was renamed, or as the torrent has it, which clients change where a system cannot have it. */
function namesOf({ renamed }: Found, { files }: Info, i: number): string[] {
  const other = renamed.get(i);
  if (other !== undefined) return [other];
  const { path = [], own = path } = files[i] ?? {};
  return [...new Set([...(canKeep(own) ? [own.join('/')] : []), path.join('/')])];
}

/** The folder below which all these files lie as we would have them. */
function commonFolder(
  { files }: Info,
  lying: readonly (Lying | undefined)[],
  wanted: readonly number[],
): string | undefined {
  let folder: string | undefined;
  for (const i of wanted) {
    const { path = [], own = path } = files[i] ?? {};
    const at = lying[i]?.path ?? '';
    const end = [own, path].map((one) => `/${one.join('/')}`).find((one) => at.endsWith(one));
    if (end === undefined) return undefined;
    const above = at.slice(0, -end.length) || '/';
    if (folder !== undefined && folder !== above) return undefined;
    folder = above;
  }
  return folder;
}
