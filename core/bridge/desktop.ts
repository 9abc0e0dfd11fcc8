import { EnsembleError } from '../base/errors.ts';
import type { BridgeTransport } from './contract.ts';
import { portTransport } from './line/transports.ts';

/** Name in the page of what the desktop's preload script gives it. */
export const DESKTOP_API = 'ensembleDesktop';
/** Data of the page's message event that brings the port. */
export const DESKTOP_PORT = 'ensemble:port';

/** All that a page of the desktop application has beyond a browser's. */
export interface DesktopApi {
  /** Asks the program for a line to it: the port arrives as a message event of the page (`DESKTOP_PORT`). */
  connect(): void;
  /** Absolute path of a file or folder that was dropped or chosen; empty if it has none. */
  pathOf(file: unknown): string;
}

/** The end of a MessageChannel that the page holds. */
interface PagePort {
  postMessage(message: unknown): void;
  close(): void;
  start(): void;
  addEventListener(type: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void;
}

/** What is needed of `window`. */
interface Page {
  addEventListener(type: 'message', listener: (event: PageMessage) => void): void;
  removeEventListener(type: 'message', listener: (event: PageMessage) => void): void;
}
interface PageMessage {
  readonly data: unknown;
  readonly source: unknown;
  readonly ports: readonly PagePort[];
}

/** What the preload script gave this page; undefined in a browser. */
export function desktopApi(page: object): DesktopApi | undefined {
  return (page as { readonly [DESKTOP_API]?: DesktopApi })[DESKTOP_API];
}

/** A line from a page of the desktop application to its program. */
export function connectDesktop(page: Page): Promise<BridgeTransport> {
  const api = desktopApi(page);
  if (api === undefined) {
    return Promise.reject(new EnsembleError('usage', 'This page is not in a window of the desktop application.'));
  }
  return new Promise((resolve) => {
    const arrived = (event: PageMessage): void => {
      const [port] = event.ports;
      // Only the preload script, which shares this window, may hand over a port.
      if (event.source !== page || event.data !== DESKTOP_PORT || port === undefined) return;
      page.removeEventListener('message', arrived);
      resolve(
        portTransport(port, ({ message, closed }) => {
          port.addEventListener('message', ({ data }) => message(data));
          port.addEventListener('close', closed);
          port.start();
        }),
      );
    };
    page.addEventListener('message', arrived);
    api.connect();
  });
}
