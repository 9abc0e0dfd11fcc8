import { ipcMain, type IpcMainEvent, type MessagePortMain, type WebContents, type WebFrameMain } from 'electron';
import type { IpcChannel, IpcFromWindow } from './ipc-map.ts';

/** Who sent a message, and the ports that came with it. */
export interface IpcSender {
  readonly contents: WebContents;
  readonly ports: readonly MessagePortMain[];
}

export interface IpcGuard {
  /** Whether the frame shows one of our pages, in one of our windows. */
  trusts(frame: WebFrameMain | null, contents: WebContents): boolean;
  refused(channel: IpcChannel, from: string): void;
}

/**
 * Listens to a channel. Messages from anything but the main frame of one of our windows are refused, and their ports closed. This
 * is the only place where `ipcMain` is used.
 */
export function onIpc<K extends IpcChannel>(
  channel: K,
  guard: IpcGuard,
  listener: (sender: IpcSender, payload: IpcFromWindow[K]) => void,
): void {
  ipcMain.on(channel, (event: IpcMainEvent, payload: IpcFromWindow[K]) => {
    const { senderFrame, sender, ports } = event;
    if (guard.trusts(senderFrame, sender)) listener({ contents: sender, ports }, payload);
    else {
      for (const port of ports) port.close();
      guard.refused(channel, senderFrame?.url ?? 'a frame that is gone');
    }
  });
}
