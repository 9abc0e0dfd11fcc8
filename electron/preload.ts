import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { DESKTOP_API, DESKTOP_PORT, type DesktopApi } from '../core/bridge/desktop.ts';
import type { IpcChannel } from './ipc-map.ts';

/** What is used of `window`; only this script needs types of both Node and browsers. */
interface Page {
  readonly location: { readonly origin: string };
  postMessage(data: unknown, origin: string, transfer: readonly unknown[]): void;
}

const page = globalThis as unknown as Page;
const CONNECT: IpcChannel = 'ensemble:connect';

/** All that a page gets from us: a line to the program, and the paths of files that are dropped on it. */
const api: DesktopApi = {
  connect() {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(CONNECT, null, [port1]);
    page.postMessage(DESKTOP_PORT, page.location.origin, [port2]);
  },
  pathOf(file) {
    if (!(file instanceof File)) return '';
    // Before webUtils (Electron 29) files had a path of their own.
    if (typeof webUtils?.getPathForFile === 'function') return webUtils.getPathForFile(file);
    return 'path' in file && typeof file.path === 'string' ? file.path : '';
  },
};

contextBridge.exposeInMainWorld(DESKTOP_API, api);
