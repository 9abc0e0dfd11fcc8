import { EnsembleError } from '../../core/base/errors.ts';
import { openAccessFile } from '../../core/entry/access-file.ts';
import { holdStateFolder } from '../../core/entry/state-folder.ts';
import { NodeRandom } from '../../core/node/random.ts';
import { hashPassword, LEAST_PASSWORD } from './password.ts';

/** Keeps the hash of a password in the state folder, and ends all sessions. Rejects with EnsembleError('usage') for one that is too short. */
export async function keepPassword(stateFolder: string, password: string): Promise<void> {
  if (password.length < LEAST_PASSWORD) {
    throw new EnsembleError('usage', `The password has ${password.length} characters; ${LEAST_PASSWORD} are needed.`);
  }
  const lock = await holdStateFolder(stateFolder);
  try {
    const access = await openAccessFile(stateFolder, () => lock.sure());
    await access.write({ password: await hashPassword(password, new NodeRandom()), sessions: [] });
  } finally {
    await lock.release();
  }
}
