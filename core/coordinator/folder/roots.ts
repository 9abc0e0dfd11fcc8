import { EnsembleError } from '../../base/errors.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { isBelow } from '../../ports/within.ts';

/** Folders below which downloads have to lie (`serve --root`), links resolved; none: anywhere. */
export interface Roots {
  readonly folders: readonly string[];
  /** Whether downloads elsewhere are refused: those of an earlier run with other roots, or put into the catalog by somebody. */
  readonly strict: boolean;
}

export const ANYWHERE: Roots = { folders: [], strict: false };

export type OutputFolders = Pick<DownloadOptions, 'output' | 'common'>;

/** The root below which all of a download lies; undefined: none. */
export function rootOf({ folders }: Roots, { output, common = output }: OutputFolders): string | undefined {
  const holding = folders.filter((root) => isBelow(root, output) && isBelow(root, common));
  return holding.sort((a, b) => b.length - a.length)[0];
}

/** Throws EnsembleError('usage') for a download that lies outside of the roots. */
export function checkRoots(roots: Roots, places: OutputFolders): void {
  if (!roots.strict || rootOf(roots, places) !== undefined) return;
  throw new EnsembleError(
    'usage',
    `${places.common ?? places.output} is not below ${roots.folders.join(' or ')}, where this program was told to stay: ` +
      `nothing is read or written there. Start it with that folder as --root, too, or remove this download and keep its files.`,
  );
}
