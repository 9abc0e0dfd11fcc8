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
