import { app, type BrowserWindow, dialog } from 'electron';

/** How long leaving may take, in ms; then the application ends regardless. */
const LEAVE_WITHIN = 5000;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** What a signal does; undefined while there is nothing to leave yet. */
let heard: (() => void) | undefined;

/** From now on a signal does not end the process at once, but makes `Quitting` leave the swarms; it exists before signals are handled. */
export function holdSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => heard?.());
}

/**
 * When Electron starts it replaces our handlers by its own: to be called when it is ready, to restore ours. Signals that were
 * caught before are handled first, since they would be lost with the old listener.
 */
export async function holdSignalsAgain(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  holdSignals();
}

export interface QuitOptions {
  readonly window: () => BrowserWindow | undefined;
  /** Names of the downloads that are not complete. */
  readonly running: () => readonly string[];
  /** Leaves the swarms, saves, ends the processes. */
  readonly close: () => Promise<void>;
  readonly log: (level: string, message: string) => void;
}

/** Quitting: asks while downloads run, then leaves their swarms and ends every process. */
export class Quitting {
  readonly #o: QuitOptions;
  #state: 'no' | 'asking' | 'leaving' | 'left' = 'no';

  constructor(options: QuitOptions) {
    this.#o = options;
    app.on('before-quit', (event) => {
      if (this.#state === 'left') return;
      event.preventDefault();
      void this.#quit(true);
    });
    // Whoever sends a signal does not want to be asked.
    heard = () => void this.#quit(false);
  }

  /** Whether it is ending: the user has agreed, or was not asked. */
  get leaves(): boolean {
    return this.#state === 'leaving' || this.#state === 'left';
  }

  /** The window is about to close; false where it has to stay until the user has answered. */
  windowCloses(): boolean {
    if (this.leaves) return true;
    if (this.#o.running().length === 0) return true;
    void this.#quit(true);
    return false;
  }

  async #quit(ask: boolean): Promise<void> {
    if (this.leaves || (this.#state === 'asking' && ask)) return;
    if (ask) {
      this.#state = 'asking';
      const sure = await this.#confirmed();
      if (this.#state !== 'asking') return;
      if (!sure) {
        this.#state = 'no';
        return;
      }
    }
    this.#state = 'leaving';
    const window = this.#o.window();
    window?.hide();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#o.log('warn', `Leaving took longer than ${LEAVE_WITHIN} ms.`);
        resolve();
      }, LEAVE_WITHIN);
    });
    await Promise.race([this.#o.close().catch((error: unknown) => this.#o.log('error', String(error))), late]);
    clearTimeout(timer);
    this.#state = 'left';
    app.quit();
  }

  async #confirmed(): Promise<boolean> {
    const running = this.#o.running();
    if (running.length === 0) return true;
    const [first = ''] = running;
    const options = {
      type: 'question' as const,
      message:
        running.length === 1 ? `${first} is not complete yet.` : `${running.length} downloads are not complete yet.`,
      detail: 'They go on where they are when Ensemble is started again.',
      buttons: ['Quit', 'Cancel'],
      defaultId: 0,
      cancelId: 1,
    };
    const window = this.#o.window();
    const { response } = await (window === undefined
      ? dialog.showMessageBox(options)
      : dialog.showMessageBox(window, options));
    return response === 0;
  }
}
