import { isDeepStrictEqual } from 'node:util';
import { EnsembleError } from '../base/errors.ts';
import type { FolderService, SettingsKeeper } from '../bridge/host/services.ts';
import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import { MAX_WATCHED, preferencesFile, type Settings, SETTINGS_VERSION, settingsFile } from '../engine/settings.ts';
import type { Disk } from '../ports/disk.ts';

/**
 * What the user chose once for all downloads, in `settings.json` of the state folder. What the file lacks, and folders
 * that may not be used, are as in `defaults`; the file keeps these, as another start may use them. Nothing is written where the folder is not `held` any more. Rejects for a file
 * that is newer or damaged.
 */
export async function openSettings(
  disk: Disk,
  stateFolder: string | undefined,
  defaults: Settings,
  folders: Pick<FolderService, 'permit'>,
  held: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<SettingsKeeper> {
  const file = stateFolder === undefined ? undefined : new SettingsFile(disk, stateFolder);
  const chosen = { ...defaults, ...(await file?.read()) };
  const usable = await permitted(chosen, defaults, folders);
  let current = usable;
  let writing: Promise<void> = Promise.resolve();
  return {
    get current() {
      return current;
    },
    change: async (changes) => {
      // Each added torrent remembers its choices, and of many that are added at once these are the same: they are written once.
      if (isDeepStrictEqual({ ...current, ...changes }, current)) return writing;
      const before = current;
      current = { ...current, ...changes };
      if (file === undefined) return;
      const content = current;
      const next = writing
        .catch(() => undefined)
        .then(async () => {
          if (await held()) return file.write(withUnusable(content, usable, chosen));
          throw new EnsembleError('in-use', `Another program has taken over ${stateFolder}: end this one.`);
        });
      writing = next;
      try {
        await next;
      } catch (error) {
        if (current === content) current = before;
        if (writing === next) writing = Promise.resolve();
        throw error;
      }
    },
  };
}

/** The file, and those of older programs that it came from: they go once all that they held is in it. */
class SettingsFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #preferences: string;

  constructor(disk: Disk, stateFolder: string) {
    this.#disk = disk;
    this.#path = `${stateFolder}/settings.json`;
    this.#preferences = `${stateFolder}/preferences.json`;
  }

  async read(): Promise<Partial<Settings>> {
    const kept = await readVersioned(this.#disk, this.#path, SETTINGS_VERSION, settingsFile);
    if (kept?.version === SETTINGS_VERSION) {
      const { version: _version, ...settings } = kept;
      return settings;
    }
    const preferences = await readVersioned(this.#disk, this.#preferences, 1, preferencesFile);
    if (kept === undefined && preferences === undefined) return {};
    // A change of limits went into the preferences first.
    const settings = { ...kept?.limits, ...preferences };
    // Where this cannot be written, the old files stay and the next change tries again.
    await this.write(settings).catch(() => undefined);
    return settings;
  }

  async write(settings: Partial<Settings>): Promise<void> {
    await writeVersioned(this.#disk, this.#path, SETTINGS_VERSION, settings);
    await this.#disk.remove(this.#preferences).catch(() => undefined);
  }
}

/** Settings as they are to be kept: where they are as what could be used at the start, they are as they had been chosen. */
function withUnusable(now: Settings, usable: Settings, chosen: Settings): Settings {
  const watched = new Set(now.watchFolders.map(({ folder }) => folder));
  const unwatched = chosen.watchFolders.filter((one) => !usable.watchFolders.includes(one) && !watched.has(one.folder));
  const feedRules = now.feedRules.map((rule) => {
    const at = usable.feedRules.findIndex((one, i) => one !== chosen.feedRules[i] && isDeepStrictEqual(one, rule));
    return chosen.feedRules[at] ?? rule;
  });
  return {
    ...now,
    folder: now.folder === usable.folder ? chosen.folder : now.folder,
    watchFolders: [...now.watchFolders, ...unwatched].slice(0, MAX_WATCHED),
    feedRules,
  };
}

async function permitted(
  settings: Settings,
  defaults: Settings,
  folders: Pick<FolderService, 'permit'>,
): Promise<Settings> {
  const may = async (folder: string): Promise<boolean> =>
    folders.permit(folder).then(
      () => true,
      () => false,
    );
  const recent = await Promise.all(settings.recentFolders.map(async (one) => ((await may(one)) ? [one] : [])));
  const watched = await Promise.all(
    settings.watchFolders.map(async (one) =>
      (await may(one.folder)) && (await may(one.output ?? one.folder)) ? [one] : [],
    ),
  );
  const rules = await Promise.all(
    // It stays, but takes nothing: where its downloads went nothing may go now.
    settings.feedRules.map(async (one) =>
      one.output === undefined || (await may(one.output)) ? one : { ...one, on: false },
    ),
  );
  return {
    ...settings,
    feedRules: rules,
    watchFolders: watched.flat(),
    folder: (await may(settings.folder)) ? settings.folder : defaults.folder,
    recentFolders: recent.flat(),
  };
}
