import path from 'node:path';
import type { LayoutKind } from '../core/base/choices.ts';
import { EnsembleError } from '../core/base/errors.ts';
import { identityIndex } from '../core/base/ids.ts';
import type { InfoHash } from '../core/base/ids.ts';
import type { Disk } from '../core/ports/disk.ts';
import type { StoreLocation } from '../core/store/layouts/layout.ts';
import { MANIFEST_NAME } from '../core/store/own-files.ts';

/** File names in a working folder by which each layout is recognised. */
const SIGNS: readonly [RegExp, LayoutKind][] = [
  [/^part-\d+\.index$/, 'parts'],
  [/^pieces$/, 'pieces'],
  [/^files$/, 'in-place'],
];

/**
 * The working folders that a folder named by the user is, or holds one level below (`.<name>.<hash>.ensemble`), each
 * with its layout. EnsembleError('usage') where it is neither.
 */
export async function findWorkFolders(
  disk: Disk,
  folder: string,
  infoHash: InfoHash,
  output: string,
): Promise<StoreLocation[]> {
  if ((await disk.info(folder)) === undefined) throw new EnsembleError('usage', `There is no folder ${folder}.`);
  const names = await disk.list(folder);
  const ending = `.${infoHash.slice(0, 8)}.ensemble`;
  const below = names.filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name));
  const found: StoreLocation[] = [];
  // Beside folders of ours what has no manifest is the user's, whatever it is called.
  const isOurs = below.length === 0 || names.includes(MANIFEST_NAME);
  for (const workFolder of isOurs ? [folder, ...below] : below) {
    const inside = workFolder === folder ? names : await disk.list(workFolder);
    for (const [sign, layout] of SIGNS) {
      if (!inside.some((name) => sign.test(name))) continue;
      found.push({ layout, workFolder, output, assembled: false, identity: identityIndex(0) });
    }
  }
  if (found.length === 0) {
    throw new EnsembleError('usage', `${folder} holds nothing that identities of this torrent left (${ending}).`);
  }
  return found;
}
