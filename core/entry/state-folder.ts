import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import { NodeRandom } from '../node/random.ts';
import { type Lock, takeLock } from '../store/lock.ts';

/** Where catalog and settings lie unless told otherwise: the platform's folder for such things. */
export function defaultStateFolder(env: Readonly<Record<string, string | undefined>>): string {
  switch (process.platform) {
    case 'win32':
      return path.join(env['LOCALAPPDATA'] ?? path.join(homedir(), 'AppData', 'Local'), 'Ensemble', 'state');
    case 'darwin':
      return path.join(homedir(), 'Library', 'Application Support', 'Ensemble', 'state');
    default:
      return path.join(absolute(env['XDG_STATE_HOME']) ?? path.join(homedir(), '.local', 'state'), 'ensemble');
  }
}

/**
 * Makes the state folder, readable by this user alone, and holds it until `release`: two programs would write over each
 * other's catalog. Rejects with EnsembleError('in-use') where another one has it.
 */
export async function holdStateFolder(folder: string): Promise<Lock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700).catch(() => undefined);
  const ports = {
    disk: new NodeDisk(),
    clock: new NodeClock(),
    random: new NodeRandom(),
    processFacts: new NodeProcessFacts(),
  };
  return takeLock(ports, path.join(folder, 'lock'));
}

/** XDG paths that are not absolute are to be ignored. */
function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}
