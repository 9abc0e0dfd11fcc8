/** Messages from a window's preload script to the main process. Everything else is sent over the port that `connect` brings. */
export interface IpcFromWindow {
  /** Comes with one MessagePort, at whose other side is the window's end of the bridge. */
  'ensemble:connect': null;
}

export type IpcChannel = keyof IpcFromWindow;
