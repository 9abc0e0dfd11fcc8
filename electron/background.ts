import { Notification } from 'electron';
import { messageOf } from '../core/base/errors.ts';
import type { DownloadSnapshot, Engine } from '../core/engine/engine.ts';
import type { BridgeHost } from '../core/bridge/host/host.ts';
import type { Login } from './login.ts';
import { TrayIcon } from './tray.ts';

interface BackgroundOptions {
  readonly engine: Engine;
  readonly host: BridgeHost;
  readonly login: Login;
  readonly preload: string;
  readonly show: () => void;
  readonly log: (level: string, message: string) => void;
  /** Something that the user chose is not possible. */
  readonly failed: (message: string) => void;
}

/** What the program does without a window, as the settings say: whether it goes on, its icon in the tray, and whether the system starts it. */
export class Background {
  readonly #o: BackgroundOptions;
  /** `none`: this desktop lets us have no icon, which is told once. */
  #tray: TrayIcon | 'none' | undefined;
  /** What the system was told, or found to say. */
  #atLogin: boolean | undefined;
  #told = false;

  constructor(options: BackgroundOptions) {
    this.#o = options;
  }

  /** Whether it goes on when its window is closed. */
  get goesOn(): boolean {
    return this.#o.host.state.settings.keepRunning;
  }

  /** What was switched off in the system's own settings is off here, too; else the system learns where the program is now. */
  async begin(): Promise<void> {
    const { host, login, log } = this.#o;
    const wanted = host.state.settings.startAtLogin;
    try {
      const there = wanted && (await login.isSet());
      if (there) await login.set(true);
      this.#atLogin = there;
      if (wanted && !there) await host.call('changeSettings', { changes: { startAtLogin: false } });
    } catch (error) {
      this.#atLogin = wanted;
      log('warn', messageOf(error));
    }
  }

  /** Once a second. */
  look(downloads: readonly DownloadSnapshot[]): void {
    const { startAtLogin, keepRunning } = this.#o.host.state.settings;
    if (this.#atLogin !== undefined && startAtLogin !== this.#atLogin) this.#setAtLogin(startAtLogin);
    if (keepRunning) this.#tray ??= this.#icon();
    else this.#drop();
    if (this.#tray instanceof TrayIcon) this.#tray.look(downloads);
  }

  /** The window is closed: where the program goes on that is told once, as not every desktop shows the icon. */
  windowClosed(): void {
    if (!this.goesOn || this.#told || !Notification.isSupported()) return;
    this.#told = true;
    const body = 'Downloads go on. The icon in the tray, or starting Ensemble again, brings the window back.';
    const notification = new Notification({ title: 'Ensemble is still running', body });
    notification.on('click', this.#o.show);
    notification.show();
  }

  close(): void {
    this.#drop();
  }

  #icon(): TrayIcon | 'none' {
    const { log } = this.#o;
    try {
      return new TrayIcon({ ...this.#o, warn: (message) => log('warn', message) });
    } catch (error) {
      log('warn', `There is no icon in the tray: ${messageOf(error)}`);
      return 'none';
    }
  }

  #drop(): void {
    if (this.#tray instanceof TrayIcon) this.#tray.close();
    this.#tray = undefined;
  }

  #setAtLogin(on: boolean): void {
    const { login, host, failed } = this.#o;
    this.#atLogin = on;
    login.set(on).catch((error: unknown) => {
      failed(messageOf(error));
      this.#atLogin = !on;
      void host.call('changeSettings', { changes: { startAtLogin: !on } }).catch(() => undefined);
    });
  }
}
