import { parseInfo } from './parse-info.ts';
import { type Hashes, nameOf } from './torrent-id.ts';
import type { Info, Naming } from './torrent.ts';

/** What makes an `Info` in another process. */
interface Known {
  readonly hashes: Hashes;
  readonly naming?: Naming;
  readonly pieceRoots?: Uint8Array;
}

/** A torrent that was read before, in another process. Throws EnsembleError('invalid-torrent'). */
export function infoOf(rawInfo: Uint8Array, { hashes, naming, pieceRoots }: Known): Info {
  const info = parseInfo(rawInfo, nameOf(hashes), naming);
  return pieceRoots === undefined ? info : { ...info, pieceRoots };
}

/** Whether it is known what each of its pieces must be: of version 2 that is not in the info dictionary. */
export function knowsPieces({ id, pieceRoots }: Pick<Info, 'id' | 'pieceRoots'>): boolean {
  return id.v1 !== undefined || pieceRoots !== undefined;
}
