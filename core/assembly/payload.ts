import { removePayload } from '../store/own-files.ts';
import type { AssemblyWork } from './work.ts';

/**
 * Removes what the pieces lay in, once every wanted file has its final name. Where some files are not wanted, what is there of them
 * in place stays: without it pieces that reach into them could not be verified again.
 */
export async function clearPayload({ ports, input }: AssemblyWork): Promise<void> {
  const { info, location, wantedFiles } = input;
  await removePayload(
    ports.disk,
    location.workFolder,
    { info, layout: location.layout },
    (file) => wantedFiles[file] !== 1,
  );
}
