import { EnsembleError } from '../base/errors.ts';
import type { DropService } from '../bridge/host/services.ts';
import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import { WATCHED_VERSION, watchedFile } from '../engine/watched-kept.ts';
import { NodeDisk } from '../node/disk.ts';
import { diskCode } from '../ports/disk.ts';

/** Most files of a folder that are looked at. */
const MOST = 10_000;
/** Most files of one name that are set aside. */
const MAX_SAME = 1000;

/** Files in folders that are watched; which of them were dealt with is kept in `watched.json` of the state folder. */
export function openDrops(stateFolder: string, held: () => Promise<boolean>): DropService {
  const disk = new NodeDisk();
  const kept = `${stateFolder}/watched.json`;
  return {
    list: async (folder) => {
      const within = disk.within(folder);
      if ((await within.info(folder))?.kind !== 'directory') {
        throw new EnsembleError('disk', 'There is no such folder.');
      }
      const names = (await within.list(folder)).filter((name) => /\.(?:torrent|magnet)$/i.test(name)).slice(0, MOST);
      const found = await Promise.all(
        names.map(async (name) => ({ name, info: await within.info(`${folder}/${name}`) })),
      );
      return found.flatMap(({ name, info }) =>
        info?.kind === 'file' ? [{ name, size: info.size, modified: info.modified }] : [],
      );
    },
    read: async (folder, name, most) => {
      const data = await disk.within(folder).readFile(`${folder}/${name}`, most);
      if (data === undefined) throw new EnsembleError('disk', 'It is not there any more.');
      return data;
    },
    setAside: async (folder, name) => {
      const within = disk.within(folder);
      const from = `${folder}/${name}`;
      for (let n = 1; n <= MAX_SAME; n++) {
        const to = `${from}.added${n === 1 ? '' : ` (${n})`}`;
        if ((await within.info(to)) === undefined) return within.rename(from, to);
      }
      throw new EnsembleError('exists', `There are too many files called ${name}.added.`);
    },
    // A list that is gone or damaged costs that torrents which were removed from the list are added once more.
    remembered: async () => {
      const found = await readVersioned(disk, kept, WATCHED_VERSION, watchedFile).catch((error: unknown) => {
        if (error instanceof EnsembleError && error.code === 'newer-version') throw error;
        if (diskCode(error) !== undefined) throw error;
        return undefined;
      });
      return found?.files ?? [];
    },
    remember: async (files) => {
      if (await held()) await writeVersioned(disk, kept, WATCHED_VERSION, { files });
    },
  };
}
