import { app, type BrowserWindow, dialog } from 'electron';

/** After so many ms the application ends whatever has not ended by itself. */
const LEAVE_WITHIN = 5000;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** What a signal does; undefined while there is nobody to leave yet. */
let heard: (() => void) | undefined;

/** From now on a signal does not end us on the spot, but has `Quitting` leave, which is there before signals are told. */
export function holdSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => heard?.());
}

/**
 * Electron, starting, puts handlers of its own in the place of ours: to be called when it is ready, to have them back.
 * What was caught before is told first, since it would be lost with the listener that it is meant for.
 */
export async function holdSignalsAgain(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  holdSignals();
}

export interface QuitOptions {
  readonly window: () => BrowserWindow | undefined;
  /** Names of the downloads that are not there yet. */
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
    // Whoever ends us by a signal does not want to be asked.
    heard = () => void this.#quit(false);
  }

  /** The user has answered, or was not asked: it ends. */
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
