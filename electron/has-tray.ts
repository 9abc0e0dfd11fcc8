import { execFile } from 'node:child_process';

const WITHIN = 2000;
const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = ['--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'];

/** Whether the desktop shows icons of programs that run: on Linux not all do, and who asks for one does not hear of it. */
export function hasTray(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  const args = ['call', ...BUS, '--method', 'org.freedesktop.DBus.NameHasOwner', WATCHER];
  return new Promise((resolve) => {
    execFile('gdbus', args, { timeout: WITHIN }, (error, out) => resolve(error === null && out.includes('true')));
  });
}
