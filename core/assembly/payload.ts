import type { Disk } from '../ports/disk.ts';
import type { StoreLocation } from '../store/layout.ts';

/** Folders and files that pieces and begun pieces lie in, in any layout. */
const PAYLOAD = /^(files|pieces|part-\d+(\..*)?|begun-\d+)$/;

/** Removes what the pieces lay in, once every wanted file bears its final name. */
export async function removePayload(disk: Disk, location: Pick<StoreLocation, 'workFolder'>): Promise<void> {
  for (const name of await disk.list(location.workFolder)) {
    if (PAYLOAD.test(name)) await disk.removeTree(`${location.workFolder}/${name}`);
  }
}
