import { app, type BrowserWindow, dialog, session, shell } from 'electron';
import { messageOf } from '../core/base/errors.ts';
import type { BridgeTransport } from '../core/bridge/contract.ts';
import type { BridgeHost } from '../core/bridge/host/host.ts';
import { onFault, surviveFaults } from '../core/entry/faults.ts';
import { VERSION } from '../core/entry/version.ts';
import { serveRenderer } from './app-protocol.ts';
import { Background } from './background.ts';
import { windowTransport } from './bridge-port.ts';
import { startEngine, type Started } from './engine.ts';
import { onIpc } from './ipc.ts';
import { LogFile } from './log-file.ts';
import { setMenu } from './menu.ts';
import { hasTray } from './has-tray.ts';
import { isAddress, type Launch } from './launch.ts';
import { login } from './login.ts';
import { failureText, readOffer } from './offers.ts';
import type { AppPaths } from './paths.ts';
import { holdSignalsAgain, Quitting } from './quit.ts';
import { hardenSession, isOurFrame } from './security.ts';
import { Status } from './status.ts';
import { openWindow } from './window.ts';

/** The desktop application: one engine, one window onto it. */
export class Application {
  readonly #paths: AppPaths;
  readonly #launch: Pick<Launch, 'state' | 'hidden'>;
  readonly #log: LogFile;
  #window: BrowserWindow | undefined;
  /** What was opened from outside before the engine was there. */
  #early: string[] = [];
  /** Windows that connected before the engine was there. */
  #waiting: BridgeTransport[] = [];
  #starting: Promise<Started> | undefined;
  #started: Started | undefined;
  #status: Status | undefined;
  #background: Background | undefined;
  readonly #quitting: Quitting;

  constructor(paths: AppPaths, launch: Pick<Launch, 'state' | 'hidden'>) {
    this.#paths = paths;
    this.#launch = launch;
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
    if (!this.#launch.hidden) this.show();
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
    if (this.#quitting.leaves) return;
    this.#ready(this.#started);
    await this.#background?.begin();
    // Where there is no icon by which it could be shown, it is at least in the list of windows.
    if (this.#launch.hidden && !(this.goesOn && (await hasTray()))) this.#minimized();
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

  /** Whether it goes on without a window, as programs on a Mac do; elsewhere where the user wants it. */
  get goesOn(): boolean {
    return process.platform === 'darwin' || this.#background?.goesOn === true;
  }

  #minimized(): void {
    if (this.#window === undefined && !this.#quitting.leaves) this.#open('minimized');
  }

  #open(how: 'shown' | 'minimized' = 'shown'): void {
    const window = openWindow({
      minimized: how === 'minimized',
      preload: this.#paths.preload,
      placeFile: this.#paths.place,
      title: app.name,
      log: (level, message) => this.#log.write(level, message),
    });
    this.#window = window;
    window.on('close', (event) => {
      if (!this.goesOn && !this.#quitting.windowCloses()) event.preventDefault();
    });
    window.on('closed', () => {
      this.#window = undefined;
      if (process.platform !== 'darwin' && !this.#quitting.leaves) this.#background?.windowClosed();
    });
  }

  #attach(transport: BridgeTransport): void {
    if (this.#started === undefined) this.#waiting.push(transport);
    else this.#started.host.attach(transport);
  }

  #ready({ engine, host }: Started): void {
    for (const transport of this.#waiting.splice(0)) host.attach(transport);
    const background = (this.#background = new Background({
      engine,
      host,
      login: login(this.#launch.state),
      preload: this.#paths.preload,
      show: () => this.show(),
      log: (level, message) => this.#log.write(level, message),
      failed: (message) => this.#tell('That could not be set', message),
    }));
    this.#status = new Status({
      engine,
      window: () => this.#window,
      appearance: () => host.state.settings.appearance,
      clicked: () => this.show(),
      looked: (downloads) => background.look(downloads),
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
    if (failures.length > 0) this.#tell('That could not be opened', failureText(failures));
  }

  #tell(message: string, detail: string): void {
    const window = this.#window;
    const options = { type: 'warning' as const, message, detail };
    void (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
  }

  async #close(): Promise<void> {
    this.#status?.close();
    this.#background?.close();
    // An engine that is starting, and holds its lock, must have started before it can be closed.
    const started = await this.#starting?.catch(() => undefined);
    await started?.close();
    this.#log.write('info', 'All is left and kept.');
    await this.#log.written();
  }
}
