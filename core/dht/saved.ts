import type { Family, SavedDht } from './contract.ts';

/** Most nodes in what is kept. */
export const MAX_SAVED_NODES = 200;

/** What an earlier run kept, checked; undefined where it is of another family or version, or not what `save` writes. */
export function readSavedDht(_value: unknown, _family: Family): SavedDht | undefined {
  return undefined;
}
