import { FolderGuard } from '../store/folder-guard.ts';
import { inLanes } from '../base/lanes.ts';
import type { AssemblyWork } from './work.ts';

/** Folders and files that pieces and begun pieces lie in, in any layout. */
const PAYLOAD = /^(files|pieces|part-\d+(\..*)?|begun-\d+)$/;
const WIDTH = 8;

/**
 * Removes what the pieces lay in, once every wanted file has its final name. Where some files are not wanted, what is there of them
 * in place stays: without it pieces that reach into them could not be verified again.
 */
export async function removePayload(work: AssemblyWork): Promise<void> {
  const { disk } = work.ports;
  const { info, location } = work.input;
  const all = info.files.every((file, i) => file.padding || work.input.wantedFiles[i] === 1);
  const keepsOthers = location.layout === 'in-place' && !all;
  for (const name of await disk.list(location.workFolder)) {
    if (!PAYLOAD.test(name) || (keepsOthers && name === 'files')) continue;
    await disk.removeTree(`${location.workFolder}/${name}`);
  }
  if (!keepsOthers) return;
  const guard = new FolderGuard(disk, location.workFolder);
  await inLanes(work.wanted, WIDTH, async (file) => {
    const path = await guard.locate(['files', ...(info.files[file]?.path ?? [])], false);
    if (path !== undefined) await disk.remove(path);
  });
}
