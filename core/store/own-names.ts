import { inLanes } from '../base/lanes.ts';
import { withChosenNames } from '../metainfo/chosen-names.ts';
import { canKeep, keepNames } from '../metainfo/keep-names.ts';
import type { ChosenNames, Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';

/** How many files are looked up at the same time. */
const AT_ONCE = 32;

/** Where files of a torrent may lie. */
export interface NamePlaces {
  /** Absolute folders, the output first. */
  readonly folders: readonly string[];
  /** Absolute paths below the output that files are known to have. */
  readonly placed?: readonly string[];
}

/**
 * Indexes of the files that another client left under the torrent's own names, where we would name them otherwise: exactly these
 * names are listed, which shows that the system can hold them, and nothing has ours. `keepNames` takes them.
 */
export async function filesUnderOwnNames(disk: Disk, info: Info, places: NamePlaces): Promise<number[]> {
  const { folders, placed = [] } = places;
  const candidates = [...info.files.keys()].filter((i) => {
    const own = info.files[i]?.own;
    return own !== undefined && canKeep(own);
  });
  if (candidates.length === 0) return [];
  const known = new Set(placed);
  const listings = new Listings(disk);
  const found = new Set<number>();
  await inLanes(candidates, AT_ONCE, async (i) => {
    const { path = [], own = [] } = info.files[i] ?? {};
    const name = own.join('/');
    if (known.has(`${folders[0]}/${name}`)) return void found.add(i);
    for (const folder of folders) {
      if (!(await listings.has(folder, own)) || (await disk.info(`${folder}/${name}`))?.kind !== 'file') continue;
      const ours = await Promise.all(folders.map((one) => disk.info(`${one}/${path.join('/')}`)));
      if (ours.every((one) => one === undefined)) found.add(i);
      return;
    }
  });
  return candidates.filter((i) => found.has(i));
}

/** The torrent with the names under which its files lie in `folder`; `chosen`: see `chosenAsFound`. */
export async function namedAsFound(disk: Disk, info: Info, folder: string, chosen: ChosenNames = []): Promise<Info> {
  const given = keepNames(info, await filesUnderOwnNames(disk, info, { folders: [folder] }));
  return withChosenNames(given, chosen);
}

/** The names that the user chose, where more of the files lie in `folder` under these than under those that they had before; else none. */
export async function chosenAsFound(disk: Disk, info: Info, folder: string, chosen: ChosenNames): Promise<ChosenNames> {
  const before = await namedAsFound(disk, info, folder);
  const after = withChosenNames(before, chosen);
  let more = 0;
  await inLanes([...info.files.keys()], AT_ONCE, async (i) => {
    const [from, to] = [before, after].map(({ files }) => files[i]?.path.join('/') ?? '');
    if (from === to) return;
    const there = await Promise.all([from, to].map((path) => disk.info(`${folder}/${path}`)));
    const [old, now] = there.map((one) => Number(one?.kind === 'file'));
    more += (now ?? 0) - (old ?? 0);
  });
  return more > 0 ? chosen : [];
}

/** What lies in folders. Each is looked at once. */
class Listings {
  readonly #disk: Disk;
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Whether each part of a path below a folder is listed exactly as it is. */
  async has(folder: string, path: readonly string[]): Promise<boolean> {
    let above = folder;
    for (const name of path) {
      let names = this.#known.get(above);
      if (names === undefined) this.#known.set(above, (names = this.#list(above)));
      if (!(await names).has(name)) return false;
      above = `${above}/${name}`;
    }
    return true;
  }

  async #list(folder: string): Promise<ReadonlySet<string>> {
    return new Set(await this.#disk.list(folder).catch(() => []));
  }
}
