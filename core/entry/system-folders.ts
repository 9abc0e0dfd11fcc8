import { mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { EnsembleError } from '../base/errors.ts';
import { diskError } from '../ports/system-error.ts';

/** The user's home folder. Throws EnsembleError('usage') where the system knows none. */
export function homeFolder(): string {
  let home = '';
  try {
    home = homedir();
  } catch {
    // Neither HOME nor the system's list of users names one.
  }
  if (path.isAbsolute(home)) return home;
  throw new EnsembleError(
    'usage',
    'You have no home folder here: set HOME to one, or name the folders to be used (--state, --root).',
  );
}

/** Makes a temporary folder, which the caller removes. Rejects with EnsembleError('disk'). */
export async function temporaryFolder(prefix: string): Promise<string> {
  const folder = tmpdir();
  try {
    return await mkdtemp(path.join(path.resolve('/', folder), prefix));
  } catch (error) {
    throw diskError('make a temporary folder in', `${folder} (TMPDIR)`, error);
  }
}
