import { app, type Session, shell, type WebContents, type WebFrameMain } from 'electron';
import { APP_ORIGIN, isOurs } from './app-protocol.ts';

/** Outside addresses that our own texts may link to, opened in the user's browser. */
const LINKS: readonly string[] = ['https://github.com/', 'https://www.bittorrent.org/'];

/** Forbids every page to navigate, open windows, embed others or ask for permissions. */
export function hardenContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (LINKS.some((start) => url.startsWith(start))) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}

/** Denies all permissions (camera, position, notifications of the page, devices) and downloads. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback) =>
    callback(permission === 'clipboard-sanitized-write'),
  );
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  // Only our own scheme is ever loaded: all other requests of a page end here.
  session.webRequest.onBeforeRequest((details, callback) => {
    const fine = isOurs(details.url) || /^(data|blob|devtools):/.test(details.url);
    callback({ cancel: !fine });
  });
}

/** Whether a frame is the main frame of `contents` and shows one of our pages. */
export function isOurFrame(frame: WebFrameMain | null, contents: WebContents): boolean {
  return frame !== null && frame === contents.mainFrame && frame.origin === APP_ORIGIN && isOurs(frame.url);
}
