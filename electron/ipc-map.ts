/** Messages from a window's preload script to the main process. All else travels over the port that `connect` brings. */
export interface IpcFromWindow {
  /** Bears one MessagePort: the window's end of the bridge is at its other side. */
  'ensemble:connect': null;
}

export type IpcChannel = keyof IpcFromWindow;
