import { HASH_LENGTH } from '../merkle/tree.ts';
import { fieldError } from './fields.ts';
import { parseInfo } from './parse-info.ts';
import { type Hashes, nameOf } from './torrent-id.ts';
import type { Info, Naming } from './torrent.ts';

/** What one process tells another of a torrent that it has read. */
export interface ToldInfo {
  readonly rawInfo: Uint8Array;
  readonly naming?: Naming;
  readonly pieceRoots?: Uint8Array;
}

/** What another process needs to have the same `Info`. */
export function toldOf({ raw, naming, pieceRoots }: Info): ToldInfo {
  return { rawInfo: raw, naming, ...(pieceRoots !== undefined && { pieceRoots }) };
}

/** A torrent that another process told of. `hashes`: what it is called, where that is known. Throws EnsembleError('invalid-torrent'). */
export function infoOf({ rawInfo, naming, pieceRoots }: ToldInfo, hashes?: Hashes): Info {
  const info = parseInfo(rawInfo, hashes && nameOf(hashes), naming);
  if (pieceRoots === undefined) return info;
  if (info.id.v2 === undefined || pieceRoots.length !== info.pieceCount * HASH_LENGTH) {
    throw fieldError('piece layers', `${pieceRoots.length} bytes`, `${HASH_LENGTH} for each piece of version 2`);
  }
  return { ...info, pieceRoots };
}
