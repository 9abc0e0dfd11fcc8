import { removePayload } from '../store/own-files.ts';
import type { AssemblyWork } from './work.ts';

/**
 * Removes what the pieces lay in, once every wanted file bears its final name. Where some files are not wanted, what
 * there is of them in place stays: without it the pieces on the border could not be verified again.
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
