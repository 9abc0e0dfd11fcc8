import { EnsembleError } from '../base/errors.ts';
import { systemError } from './system-error.ts';

/** Where a path lies below a folder that may not be left. */
export interface Beneath {
  readonly root: string;
  /** What follows the root, name by name; empty for the root itself. */
  readonly names: readonly string[];
}

/**
 * The innermost of `roots` that `path` lies in. `separators`: the characters between names. Throws EnsembleError('disk') where it
 * lies in none, or contains `..`.
 */
export function beneath(roots: readonly string[], path: string, separators: string = '/'): Beneath {
  let root: string | undefined;
  for (const one of roots) if (isBelow(one, path, separators) && one.length >= (root?.length ?? 0)) root = one;
  const names = root === undefined ? undefined : namesIn(path.slice(root.length), separators);
  if (root === undefined || names === undefined || names.includes('..')) throw outside(path);
  return { root, names };
}

/** Whether a path is this folder or, by its name, lies in it. */
export function isBelow(folder: string, path: string, separators: string = '/\\'): boolean {
  if (!path.startsWith(folder)) return false;
  // The root of a file system ends with a separator already.
  const next = path[folder.length];
  if (next === undefined || separators.includes(next)) return true;
  const last = folder[folder.length - 1];
  return last !== undefined && separators.includes(last);
}

/** The error for a link where a folder should be. */
export function linkInTheWay(path: string): EnsembleError {
  return new EnsembleError(
    'disk',
    `"${path}" should be a folder, but a link is there. Nothing is read or written through it: move it away.`,
    { cause: systemError('ELOOP') },
  );
}

/** The error for a chosen folder that is not where it was. */
export function folderMoved(root: string): EnsembleError {
  return new EnsembleError(
    'disk',
    `"${root}" was moved or replaced since it was first used: nothing is read or written there. Put it back, or start again.`,
    { cause: systemError('ENOENT') },
  );
}

function outside(path: string): EnsembleError {
  return new EnsembleError('disk', `"${path}" lies outside of the folders that were chosen: it is left alone.`, {
    cause: systemError('EACCES'),
  });
}

function namesIn(rest: string, separators: string): string[] {
  const [first = '/', ...others] = separators;
  let plain = rest;
  for (const one of others) plain = plain.replaceAll(one, first);
  return plain.split(first).filter((name) => name !== '' && name !== '.');
}
