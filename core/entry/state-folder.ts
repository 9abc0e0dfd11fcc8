import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../base/errors.ts';
import { diskError } from '../ports/system-error.ts';
import { NodeDisk } from '../node/disk.ts';
import type { Lock, LockListener } from '../store/records/lock.ts';
import { isFree } from '../store/records/manifest.ts';
import { holdFolder } from './hold-folder.ts';
import { homeFolder } from './system-folders.ts';

/** The default folder of catalog and settings: the platform's folder for such things. Throws EnsembleError('usage'). */
export function defaultStateFolder(env: Readonly<Record<string, string | undefined>>): string {
  switch (process.platform) {
    case 'win32':
      return path.join(env['LOCALAPPDATA'] ?? path.join(homeFolder(), 'AppData', 'Local'), 'Ensemble', 'state');
    case 'darwin':
      return path.join(homeFolder(), 'Library', 'Application Support', 'Ensemble', 'state');
    default:
      return path.join(absolute(env['XDG_STATE_HOME']) ?? path.join(homeFolder(), '.local', 'state'), 'ensemble');
  }
}

/** Files by which a state folder is known. */
const KEPT: readonly string[] = ['catalog.json', 'settings.json', 'preferences.json'];
/** What else may be in one before the first of these is: the torrent files, what the desktop window keeps, what `ensemble get` learnt of the DHT, and where it can be asked. */
const BESIDE: readonly string[] = [
  'torrents',
  'window',
  'logs',
  'stories',
  'dht.json',
  'links.json',
  'access.json',
  'control',
];

/**
 * Makes the state folder, readable by this user alone, and holds it until `release`: two programs would write over each
 * other's catalog. Rejects with EnsembleError('in-use') where another one has it, with EnsembleError('exists') where it holds
 * what is not ours, and with EnsembleError('disk').
 */
export async function holdStateFolder(folder: string, listener?: LockListener): Promise<Lock> {
  const disk = new NodeDisk();
  // Not by Node's own `recursive`, which never ends in some places.
  await disk.makeDirectory(path.dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
    if ((await disk.info(folder))?.kind !== 'file') return;
    throw diskError('keep the list of downloads in', folder, error);
  });
  await disk.makeDirectory(folder);
  const names = await disk.list(folder);
  if (!names.some((name) => KEPT.includes(name))) {
    const others = names.filter((name) => !BESIDE.includes(name));
    if (!(await isFree(disk, folder, others))) throw notOurs(folder);
    await chmod(folder, 0o700).catch(() => undefined);
  }
  return holdFolder(folder, listener);
}

/** Its files could have our names, and others may use it too. */
function notOurs(folder: string): EnsembleError {
  return new EnsembleError(
    'exists',
    `${folder} is where the list of downloads would be kept, but it holds what Ensemble did not put there: name an empty or new folder, such as ${path.join(folder, 'ensemble')}.`,
  );
}

/** XDG paths that are not absolute are to be ignored. */
function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}
