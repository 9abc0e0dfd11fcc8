import type { Info } from './torrent.ts';

/** Bytes of all files of a torrent that are stored: without padding, of which a hybrid may have more than of anything else. */
export function payloadLength({ files }: Pick<Info, 'files'>): number {
  return files.reduce((sum, { length, padding }) => sum + (padding ? 0 : length), 0);
}
