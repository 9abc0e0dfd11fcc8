import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { app } from 'electron';
import { EnsembleError, messageOf } from '../core/base/errors.ts';
import { whereThere } from '../core/node/node-calls.ts';
import { autostartEntry, isOn, isOurEntry } from './autostart.ts';
import { HIDDEN } from './launch.ts';

/** Whether the system starts this program when its user logs in. */
export interface Login {
  isSet(): Promise<boolean>;
  /** Rejects with EnsembleError where the system refuses it. */
  set(on: boolean): Promise<void>;
}

/** `state`: the folder that the program was told to use, which it is to use then, too. */
export function login(state: string | undefined): Login {
  const args = [HIDDEN, ...(state === undefined ? [] : [`--state=${state}`])];
  return process.platform === 'linux' ? new AutostartFile(args) : systemLogin(args);
}

/** On macOS and Windows Electron asks the system. */
function systemLogin(args: readonly string[]): Login {
  const own = { path: process.execPath, args: [...args] };
  return {
    isSet: () => Promise.resolve(app.getLoginItemSettings(own).openAtLogin),
    set: (on) => {
      // In development it would be Electron that is started, without us.
      if (app.isPackaged) app.setLoginItemSettings({ openAtLogin: on, ...own });
      return Promise.resolve();
    },
  };
}

/** On Linux a file in the folder of the desktop's autostart. One of somebody else's with its name stays as it is. */
class AutostartFile implements Login {
  readonly #file: string;
  readonly #words: readonly string[];

  constructor(args: readonly string[]) {
    const { XDG_CONFIG_HOME: config = '', HOME: home = app.getPath('home'), APPIMAGE: image } = process.env;
    // By the specification a path that is not absolute is passed over.
    const folder = path.isAbsolute(config) ? config : path.join(home, '.config');
    this.#file = path.join(folder, 'autostart', 'ensemble.desktop');
    const program = image ?? process.execPath;
    this.#words = app.isPackaged ? [program, ...args] : [program, app.getAppPath(), ...args];
  }

  async isSet(): Promise<boolean> {
    const there = await this.#read();
    return there !== undefined && isOn(there);
  }

  async set(on: boolean): Promise<void> {
    try {
      const there = await this.#read();
      if (there !== undefined && !isOurEntry(there)) {
        if (on) throw new EnsembleError('exists', `"${this.#file}" is there already and is not ours: move it away.`);
      } else if (on) await this.#write(autostartEntry('Ensemble', this.#words));
      else await rm(this.#file, { force: true });
    } catch (error) {
      if (error instanceof EnsembleError) throw error;
      throw new EnsembleError('disk', `"${this.#file}" could not be changed: ${messageOf(error)}`, { cause: error });
    }
  }

  #read(): Promise<string | undefined> {
    return whereThere(readFile(this.#file, 'utf8'), ['ENOENT']);
  }

  /** As a whole: half an entry might start something else. */
  async #write(entry: string): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    const half = `${this.#file}.new`;
    await writeFile(half, entry, { mode: 0o644 });
    await rename(half, this.#file);
  }
}
