import { type BrowserWindow, nativeTheme, Notification, powerSaveBlocker } from 'electron';
import type { Notice } from '../core/bridge/contract.ts';
import type { DownloadSnapshot, Engine } from '../core/engine/engine.ts';
import type { Appearance } from '../core/engine/settings.ts';
import { activityOf } from './activity.ts';

const PERIOD = 1000;

interface StatusOptions {
  readonly engine: Engine;
  readonly window: () => BrowserWindow | undefined;
  /** The appearance that the user chose. */
  readonly appearance: () => Appearance;
  /** Called when somebody clicks on a notification. */
  readonly clicked: () => void;
  /** Called once a second. */
  readonly looked: (downloads: readonly DownloadSnapshot[]) => void;
}

/** What happens around the window: progress at the task-bar or dock, notifications, light or dark, keeping the machine awake. */
export class Status {
  readonly #o: StatusOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #blocker: number | undefined;
  #shown = -1;

  constructor(options: StatusOptions) {
    this.#o = options;
    this.#timer = setInterval(() => this.#look(), PERIOD);
    this.#look();
  }

  /** Names of downloads that are not complete. */
  get running(): readonly string[] {
    return activityOf(this.#o.engine.downloads()).running;
  }

  notify({ kind, name, message }: Notice): void {
    // Whoever looks at the window sees it there.
    if (kind === 'error' || this.#o.window()?.isFocused() === true || !Notification.isSupported()) return;
    const notification = new Notification({ title: name ?? 'Ensemble', body: message });
    notification.on('click', this.#o.clicked);
    notification.show();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stayAwake(false);
  }

  #look(): void {
    const downloads = this.#o.engine.downloads();
    const { progress, running } = activityOf(downloads);
    this.#o.looked(downloads);
    this.#stayAwake(running.length > 0);
    const appearance = this.#o.appearance();
    if (nativeTheme.themeSource !== appearance) nativeTheme.themeSource = appearance;
    const value = progress === undefined ? -1 : Math.round(progress * 100) / 100;
    const window = this.#o.window();
    if (value === this.#shown || window === undefined) return;
    this.#shown = value;
    window.setProgressBar(value);
  }

  #stayAwake(awake: boolean): void {
    if (awake === (this.#blocker !== undefined)) return;
    if (this.#blocker === undefined) this.#blocker = powerSaveBlocker.start('prevent-app-suspension');
    else {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = undefined;
    }
  }
}
