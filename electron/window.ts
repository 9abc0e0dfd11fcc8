import { existsSync } from 'node:fs';
import path from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { APP_PAGE } from './app-protocol.ts';
import { readPlace, SMALLEST, writePlace } from './window-state.ts';

export interface WindowOptions {
  /** Absolute path of the preload script. */
  readonly preload: string;
  /** Absolute path of the file that keeps its place on the screen. */
  readonly placeFile: string;
  readonly title: string;
  /** It begins as an entry in the list of windows. */
  readonly minimized?: boolean;
  readonly log: (level: string, message: string) => void;
}

/** Opens the window of the application, which is shown when there is something to see in it. */
export function openWindow({ preload, placeFile, title, minimized = false, log }: WindowOptions): BrowserWindow {
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const { bounds, maximized } = readPlace(placeFile, screens);
  const icon = path.join(path.dirname(preload), 'icon.png');
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title,
    show: false,
    // The page's background, until it is painted, so that nothing flashes.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#15171a' : '#ffffff',
    // On other systems it is the program's own icon, and in development there is none.
    ...(process.platform === 'linux' && existsSync(icon) ? { icon } : {}),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: true,
    },
  });
  if (maximized && !minimized) window.maximize();
  window.once('ready-to-show', () => (minimized ? window.minimize() : window.show()));
  window.on('close', () => writePlace(placeFile, window.getNormalBounds(), window.isMaximized()));
  heal(window, log);
  void window.loadURL(APP_PAGE);
  return window;
}

/** Loads a page again whose process died, unless it dies at once each time. */
function heal(window: BrowserWindow, log: WindowOptions['log']): void {
  let last = 0;
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log('error', `The window's process is gone (${reason}, ${exitCode}).`);
    if (reason === 'clean-exit' || Date.now() - last < 5000) return;
    last = Date.now();
    if (!window.isDestroyed()) window.reload();
  });
  window.webContents.on('preload-error', (_event, file, error) => log('error', `${file}: ${error.message}`));
  window.webContents.on('did-fail-load', (_event, code, text, url) => log('error', `${url}: ${text} (${code})`));
  window.on('unresponsive', () => log('warn', 'The window does not answer.'));
}
