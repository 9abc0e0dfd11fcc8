import path from 'node:path';
import { app } from 'electron';
import { defaultStateFolder } from '../core/entry/state-folder.ts';

/** Where things of ours lie; all absolute. */
export interface AppPaths {
  /** Catalog and settings of the engine, the same that `ensemble serve` uses. */
  readonly state: string;
  readonly logs: string;
  /** File with the window's last place. */
  readonly place: string;
  readonly preload: string;
  readonly renderer: string;
  readonly scripts: { readonly identity: string; readonly worker: string };
}

/**
 * Sets where everything lies. To be called before the single-instance lock is taken, which belongs to the profile's folder: with
 * another `state` the application is another instance.
 */
export function appPaths(state: string | undefined): AppPaths {
  if (state === undefined) app.setAppLogsPath();
  else {
    app.setPath('userData', path.join(state, 'window'));
    app.setAppLogsPath(path.join(state, 'logs'));
  }
  const dist = path.dirname(import.meta.dirname);
  const profile = app.getPath('userData');
  return {
    state: state ?? defaultStateFolder(process.env),
    logs: app.getPath('logs'),
    place: path.join(profile, 'window.json'),
    preload: path.join(dist, 'electron/preload.cjs'),
    renderer: path.join(dist, 'renderer'),
    scripts: { identity: path.join(dist, 'identity.js'), worker: path.join(dist, 'worker.js') },
  };
}
