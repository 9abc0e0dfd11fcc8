import path from 'node:path';
import { app, dialog } from 'electron';
import { messageOf } from '../core/base/errors.ts';
import { registerAppScheme } from './app-protocol.ts';
import { Application } from './application.ts';
import { optimiseLate } from '../core/entry/entry-scripts.ts';
import { isMagnetLink } from '../core/base/magnet-link.ts';
import { parseLaunch } from './launch.ts';
import { type AppPaths, appPaths } from './paths.ts';
import { holdSignals } from './quit.ts';
import { hardenContents } from './security.ts';

/** Entry of the desktop application: what has to be done before Electron is ready, then the application. */
optimiseLate();
holdSignals();
app.setName('Ensemble');
const launch = parseLaunch(ownArguments(process.argv), currentFolder());
const paths = foundPaths();

if (paths === undefined) app.exit(1);
else if (app.requestSingleInstanceLock({ sources: launch.sources, hidden: launch.hidden })) start(paths);
else app.exit(0);

function start(found: AppPaths): void {
  registerAppScheme();
  // Root cannot have the sandbox, and starts the application with this switch.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  hardenContents();
  const application = new Application(found, { ...launch, hidden: launch.hidden || openedAtLogin() });
  application.open(launch.sources);
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    application.open(sourcesOf(data));
    if (!isHidden(data)) application.show();
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    application.open([file]);
    application.show();
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    if (isMagnetLink(url)) application.open([url]);
    application.show();
  });
  app.on('window-all-closed', () => {
    if (!application.goesOn) app.quit();
  });
  app.on('activate', () => application.show());
  void app.whenReady().then(() => application.start());
}

/** The root where it was removed under us: names in it then lead nowhere. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return path.parse(process.execPath).root;
  }
}

/** Undefined where there is no place for what is kept, which the user is told. */
function foundPaths(): AppPaths | undefined {
  try {
    return appPaths(launch.state);
  } catch (error) {
    dialog.showErrorBox('Ensemble cannot start', messageOf(error));
    return undefined;
  }
}

/** The application's own arguments: in development those after its folder or this file. */
function ownArguments(argv: readonly string[]): readonly string[] {
  const ours = [path.resolve(import.meta.dirname, '../..'), path.join(import.meta.dirname, 'main.cjs')];
  const at = app.isPackaged ? 0 : argv.findLastIndex((arg, i) => i > 0 && ours.includes(path.resolve(arg)));
  return argv.slice(Math.max(at, 0) + 1);
}

/** A Mac tells it in no argument. */
function openedAtLogin(): boolean {
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}

function isHidden(data: unknown): boolean {
  return ((data ?? {}) as { readonly hidden?: unknown }).hidden === true;
}

/** More than a user selects, or a command line holds on most systems. */
const MOST_SOURCES = 4096;

/** What a second instance hands over, after a check, as other programs could pretend to be one. */
function sourcesOf(data: unknown): readonly string[] {
  const { sources } = (data ?? {}) as { readonly sources?: unknown };
  return Array.isArray(sources) ? sources.filter((one) => typeof one === 'string').slice(0, MOST_SOURCES) : [];
}
