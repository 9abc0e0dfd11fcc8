import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { FileInfo } from '../ports/disk.ts';
import { codeOf } from './error-code.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

/** Zero where the system has none (Windows): there, `open` looks before it opens. */
export const NO_FOLLOW: number = (constants as { O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;
/** Opening a pipe that somebody left in a folder must not block a thread until the pipe is written to. */
export const NO_WAIT: number = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

/** The result of a call; undefined where the path does not exist. */
export async function whereThere<T>(
  call: Promise<T>,
  codes: readonly string[] = ['ENOENT', 'ENOTDIR'],
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Does something in the usual way or, if that fails for want of descriptors, at once with spare ones. */
export async function orNow<T>(usual: Promise<T>, atOnce: () => T): Promise<T> {
  try {
    return await usual;
  } catch (error) {
    if (!isExhausted(error)) throw error;
    return spare.lend(atOnce);
  }
}

/** What is at a path; undefined: nothing. Links are not followed. */
export async function kindOf(path: string): Promise<FileInfo['kind'] | undefined> {
  const stats = await whereThere(lstat(path, { bigint: true }));
  return stats && nameKind(stats);
}

export function nameKind({ mode }: Pick<BigIntStats, 'mode'>): FileInfo['kind'] {
  switch (Number(mode) & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'link';
    default:
      return 'other';
  }
}
