import type { Disk } from '../ports/disk.ts';
import type { StoreLocation } from '../store/layout.ts';

/** Removes what the pieces lay in, once every wanted file bears its final name. */
export async function removePayload(disk: Disk, location: StoreLocation): Promise<void> {
  const { workFolder, layout } = location;
  if (layout === 'in-place') return await disk.removeTree(`${workFolder}/files`);
  if (layout === 'pieces') return await disk.removeTree(`${workFolder}/pieces`);
  for (const name of await disk.list(workFolder)) {
    if (/^part-\d+(\..*)?$/.test(name)) await disk.remove(`${workFolder}/${name}`);
  }
}
