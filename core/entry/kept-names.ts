import { Catalog } from '../coordinator/catalog/catalog.ts';
import type { InfoHash } from '../base/ids.ts';
import type { ChosenNames } from '../metainfo/torrent.ts';
import { NodeDisk } from '../node/disk.ts';

const MAX_BYTES = 256 * 1024 * 1024;
/** So it stands in the file where somebody has renamed anything: to check a list of thousands of downloads takes long. */
const SOME_NAMES = /"names":\s*\[\s*\{/;

/** The names that the user chose for files of the downloads in a state folder (absolute), by their info-hashes. A list that cannot be read tells none. */
export async function keptNames(stateFolder: string): Promise<ReadonlyMap<InfoHash, ChosenNames>> {
  const disk = new NodeDisk();
  try {
    const data = await disk.readFile(`${stateFolder}/catalog.json`, MAX_BYTES);
    if (data === undefined || !SOME_NAMES.test(new TextDecoder().decode(data))) return new Map();
    const entries = await new Catalog(disk, stateFolder).read();
    return new Map(entries.map(({ infoHash, options: { names = [] } }) => [infoHash, names] as const));
  } catch {
    return new Map();
  }
}
