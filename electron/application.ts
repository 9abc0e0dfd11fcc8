import { app, type BrowserWindow, dialog, session, shell } from 'electron';
import { messageOf } from '../core/base/errors.ts';
import type { BridgeTransport } from '../core/bridge/contract.ts';
import type { BridgeHost } from '../core/bridge/host/host.ts';
import { onFault, surviveFaults } from '../core/entry/faults.ts';
import { VERSION } from '../core/entry/version.ts';
import { serveRenderer } from './app-protocol.ts';
import { windowTransport } from './bridge-port.ts';
import { startEngine, type Started } from './engine.ts';
import { onIpc } from './ipc.ts';
import { LogFile } from './log-file.ts';
import { setMenu } from './menu.ts';
import { isAddress } from './launch.ts';
import { failureText, readOffer } from './offers.ts';
import type { AppPaths } from './paths.ts';
import { holdSignalsAgain, Quitting } from './quit.ts';
import { hardenSession, isOurFrame } from './security.ts';
import { Status } from './status.ts';
import { openWindow } from './window.ts';

/** The desktop application: one engine, one window onto it. */
export class Application {
  readonly #paths: AppPaths;
  readonly #log: LogFile;
  #window: BrowserWindow | undefined;
  /** What was opened from outside before the engine was there. */
  #early: string[] = [];
  /** Windows that connected before the engine was there. */
  #waiting: BridgeTransport[] = [];
  #starting: Promise<Started> | undefined;
  #started: Started | undefined;
  #status: Status | undefined;
  readonly #quitting: Quitting;

  constructor(paths: AppPaths) {
    this.#paths = paths;
    this.#log = new LogFile(paths.logs);
    this.#quitting = new Quitting({
      window: () => this.#window,
      running: () => this.#status?.running ?? [],
      close: () => this.#close(),
      log: (level, message) => this.#log.write(level, message),
    });
    onFault((text, stack) => this.#log.write('error', `${text}\n${stack}`));
    surviveFaults(() => {});
    app.on('child-process-gone', (_event, { type, name, reason, exitCode }) =>
      this.#log.write('warn', `${name ?? type} is gone (${reason}, ${exitCode}).`),
    );
  }

  /** Opens the window, and starts the engine meanwhile. To be called when Electron is ready. */
  async start(): Promise<void> {
    await holdSignalsAgain();
    if (this.#quitting.leaves) return;
    const log = (level: string, message: string): void => this.#log.write(level, message);
    log('info', `Ensemble ${VERSION}, Electron ${process.versions.electron}, ${process.platform}`);
    if (app.commandLine.hasSwitch('no-sandbox')) log('warn', 'The window runs without the sandbox of Chromium.');
    hardenSession(session.defaultSession);
    serveRenderer(this.#paths.renderer);
    onIpc(
      'ensemble:connect',
      {
        trusts: (frame, contents) => contents === this.#window?.webContents && isOurFrame(frame, contents),
        refused: (channel, from) => log('warn', `${channel} from ${from} was refused.`),
      },
      ({ contents, ports: [port] }) => {
        if (port !== undefined) this.#attach(windowTransport(port, contents));
      },
    );
    setMenu(app.name, {
      action: (action) => {
        this.show();
        this.#started?.host.menu(action);
      },
      showLogs: () => shell.showItemInFolder(this.#log.path),
    });
    this.show();
    try {
      this.#starting = startEngine(this.#paths, () => this.#window, log);
      this.#started = await this.#starting;
    } catch (error) {
      log('error', messageOf(error));
      if (this.#quitting.leaves) return;
      dialog.showErrorBox('Ensemble cannot start', messageOf(error));
      app.exit(1);
      return;
    }
    if (!this.#quitting.leaves) this.#ready(this.#started);
  }

  /** Offers .torrent files (absolute paths), their addresses, and magnet links to the user. */
  open(sources: readonly string[]): void {
    const host = this.#started?.host;
    if (host === undefined) this.#early.push(...sources);
    else void this.#offer(host, sources);
  }

  /** Brings the window to the front, opening it where there is none. */
  show(): void {
    if (!app.isReady()) return;
    const window = this.#window;
    if (window === undefined) {
      this.#open();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #open(): void {
    const window = openWindow({
      preload: this.#paths.preload,
      placeFile: this.#paths.place,
      title: app.name,
      log: (level, message) => this.#log.write(level, message),
    });
    this.#window = window;
    window.on('close', (event) => {
      // On a Mac the application goes on without a window; elsewhere closing the window quits it.
      if (process.platform !== 'darwin' && !this.#quitting.windowCloses()) event.preventDefault();
    });
    window.on('closed', () => (this.#window = undefined));
  }

  #attach(transport: BridgeTransport): void {
    if (this.#started === undefined) this.#waiting.push(transport);
    else this.#started.host.attach(transport);
  }

  #ready({ engine, host }: Started): void {
    for (const transport of this.#waiting.splice(0)) host.attach(transport);
    this.#status = new Status({
      engine,
      window: () => this.#window,
      appearance: () => host.state.settings.appearance,
      clicked: () => this.show(),
    });
    host.onNotice((notice) => this.#status?.notify(notice));
    void this.#offer(host, this.#early.splice(0));
  }

  async #offer(host: BridgeHost, sources: readonly string[]): Promise<void> {
    const failures: string[] = [];
    for (const source of sources) {
      try {
        if (isAddress(source)) await host.offerUrl(source);
        else host.offer(await readOffer(source));
      } catch (error) {
        this.#log.write('warn', messageOf(error));
        failures.push(messageOf(error));
      }
    }
    if (failures.length === 0) return;
    const window = this.#window;
    const options = { type: 'warning' as const, message: 'That could not be opened', detail: failureText(failures) };
    void (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
  }

  async #close(): Promise<void> {
    this.#status?.close();
    // An engine that is starting, and holds its lock, must have started before it can be closed.
    const started = await this.#starting?.catch(() => undefined);
    await started?.close();
    this.#log.write('info', 'All is left and kept.');
    await this.#log.written();
  }
}
