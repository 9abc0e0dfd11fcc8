import path from 'node:path';
import { existsSync } from 'node:fs';
import { app, Menu, nativeImage, Tray } from 'electron';
import type { BridgeHost } from '../core/bridge/host/host.ts';
import { canPause } from '../core/engine/can-pause.ts';
import type { DownloadSnapshot, Engine } from '../core/engine/engine.ts';
import { trayTemplate, type TrayState } from './tray-template.ts';

interface TrayOptions {
  readonly engine: Engine;
  readonly host: BridgeHost;
  /** Absolute path of the preload script: the icon lies beside it. */
  readonly preload: string;
  readonly show: () => void;
  readonly warn: (message: string) => void;
}

const isPaused = ({ state }: Pick<DownloadSnapshot, 'state'>): boolean => state === 'paused';

/** Edge of the icon in pixels, for screens of usual density. */
const SIZE = process.platform === 'darwin' ? 18 : 22;

/** The icon in the tray (on a Mac: in the menu bar), with a menu. */
export class TrayIcon {
  readonly #o: TrayOptions;
  readonly #tray: Tray;
  #shown = '';

  constructor(options: TrayOptions) {
    this.#o = options;
    const file = path.join(path.dirname(options.preload), 'icon.png');
    const image = nativeImage.createFromPath(existsSync(file) ? file : path.join(app.getAppPath(), 'build/icon.png'));
    this.#tray = new Tray(image.resize({ width: SIZE, height: SIZE }));
    this.#tray.setToolTip(app.name);
    // Where a click opens the menu there is none of these.
    this.#tray.on('click', () => options.show());
  }

  /** Makes the menu anew where it would say something else. */
  look(downloads: readonly DownloadSnapshot[]): void {
    const state: TrayState = {
      alternative: this.#o.host.alternative,
      canPause: downloads.some(canPause),
      canResume: downloads.some(isPaused),
    };
    const shown = JSON.stringify(state);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { host, show } = this.#o;
    this.#tray.setContextMenu(
      Menu.buildFromTemplate(
        trayTemplate(app.name, state, {
          show,
          pauseAll: () => this.#each('pause'),
          resumeAll: () => this.#each('resume'),
          alternativeLimits: (on) => void host.call('useAlternativeLimits', { on }).catch(this.#failed),
          quit: () => app.quit(),
        }),
      ),
    );
  }

  close(): void {
    this.#tray.destroy();
  }

  #each(what: 'pause' | 'resume'): void {
    const { engine } = this.#o;
    const chosen = engine.downloads().filter(what === 'pause' ? canPause : isPaused);
    for (const { key } of chosen) void engine[what](key).catch(this.#failed);
  }

  readonly #failed = (error: unknown): void => this.#o.warn(String(error));
}
