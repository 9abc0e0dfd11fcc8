import { type BrowserWindow, dialog, type OpenDialogOptions, shell } from 'electron';
import { EnsembleError } from '../core/base/errors.ts';
import type { ShellService } from '../core/bridge/host/services.ts';

/** What the desktop does for a window. */
export function shellService(window: () => BrowserWindow | undefined): ShellService {
  return {
    chooseFolder: (start) => choose(window(), 'Choose a folder', ['openDirectory', 'createDirectory'], start),
    chooseFile: (start) => choose(window(), 'Choose a file', ['openFile'], start),
    reveal: (file) => {
      shell.showItemInFolder(file);
      return Promise.resolve();
    },
    openFile: async (file) => {
      const problem = await shell.openPath(file);
      if (problem !== '') throw new EnsembleError('disk', `${file} cannot be opened: ${problem}`);
    },
  };
}

async function choose(
  parent: BrowserWindow | undefined,
  title: string,
  properties: NonNullable<OpenDialogOptions['properties']>,
  start: string | null,
): Promise<string | null> {
  const options = { title, buttonLabel: 'Choose', properties, ...(start === null ? {} : { defaultPath: start }) };
  const chosen = await (parent === undefined ? dialog.showOpenDialog(options) : dialog.showOpenDialog(parent, options));
  return chosen.canceled ? null : (chosen.filePaths[0] ?? null);
}
