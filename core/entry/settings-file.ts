import type { FolderService, SettingsKeeper } from '../bridge/services.ts';
import { keptSettings, type Settings } from '../engine/settings.ts';
import { readVersioned, writeVersioned } from '../coordinator/versioned-file.ts';
import type { Disk } from '../ports/disk.ts';

const VERSION = 1;

/**
 * What the user chose once for all downloads, in `preferences.json` of the state folder. What the file lacks, and
 * folders that may not be used, are as in `defaults`. Rejects for a file that is newer or damaged.
 */
export async function openSettings(
  disk: Disk,
  stateFolder: string | undefined,
  defaults: Settings,
  folders: Pick<FolderService, 'permit'>,
): Promise<SettingsKeeper> {
  const file = stateFolder === undefined ? undefined : `${stateFolder}/preferences.json`;
  const kept = file === undefined ? {} : ((await readVersioned(disk, file, VERSION, keptSettings)) ?? {});
  let current = await permitted({ ...defaults, ...kept }, defaults, folders);
  let writing: Promise<void> = Promise.resolve();
  return {
    get current() {
      return current;
    },
    change: async (changes) => {
      const before = current;
      current = { ...current, ...changes };
      if (file === undefined) return;
      const content = current;
      const next = writing.catch(() => undefined).then(() => writeVersioned(disk, file, VERSION, content));
      writing = next;
      try {
        await next;
      } catch (error) {
        if (current === content) current = before;
        throw error;
      }
    },
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
  const { lastChoices } = settings;
  return {
    ...settings,
    folder: (await may(settings.folder)) ? settings.folder : defaults.folder,
    lastChoices: lastChoices === null || (await may(lastChoices.output)) ? lastChoices : null,
  };
}
