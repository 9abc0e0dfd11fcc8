import { type BrowserWindow, dialog, shell } from 'electron';
import { EnsembleError } from '../core/base/errors.ts';
import type { ShellService } from '../core/bridge/host/services.ts';

/** What the desktop does for a window. */
export function shellService(window: () => BrowserWindow | undefined): ShellService {
  return {
    chooseFolder: async (start) => {
      const options = {
        title: 'Save in',
        buttonLabel: 'Choose',
        properties: ['openDirectory', 'createDirectory'] as ('openDirectory' | 'createDirectory')[],
        ...(start === null ? {} : { defaultPath: start }),
      };
      const parent = window();
      const chosen = await (parent === undefined
        ? dialog.showOpenDialog(options)
        : dialog.showOpenDialog(parent, options));
      return chosen.canceled ? null : (chosen.filePaths[0] ?? null);
    },
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
