import { shorten } from './safe-path.ts';

/** Bytes of UTF-8 of a whole path, with which it has room below any folder. */
const MAX_PATH_BYTES = 2048;
/** Components of a path. */
export const MAX_DEPTH = 100;

const encoder = new TextEncoder();

/**
 * A path of safe components that fits everywhere: itself, or one without the folders below the 99th and, where that is still too
 * long, with each name cut.
 */
export function fitPath(path: readonly string[]): readonly string[] {
  const fitting = path.length <= MAX_DEPTH ? path : [...path.slice(0, MAX_DEPTH - 1), ...path.slice(-1)];
  let length = fitting.length - 1;
  for (let i = 0; i < fitting.length; i++) length += fitting[i]?.length ?? 0;
  // At most three bytes for what counts as one here.
  if (length * 3 <= MAX_PATH_BYTES || encoder.encode(fitting.join('/')).length <= MAX_PATH_BYTES) return fitting;
  const each = Math.floor(MAX_PATH_BYTES / fitting.length) - 1;
  return fitting.map((name) => shorten(name, each));
}
