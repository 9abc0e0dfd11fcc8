import { createHash } from 'node:crypto';
import { concatBytes } from '../../base/bytes.ts';
import { leavesOf, pieceRootOf } from '../../merkle/tree.ts';
import type { Info } from '../torrent.ts';

/** The hashes of a planned torrent's pieces (`planTorrent`). `content`: the bytes of all files, each at its offset. */
export function madeHashes(
  { id, files, pieceLength }: Info,
  content: Uint8Array,
): { readonly pieceHashes: Uint8Array; readonly pieceRoots: Uint8Array } {
  const pieceHashes: Uint8Array[] = [];
  for (let at = 0; id.v1 !== undefined && at < content.length; at += pieceLength) {
    const piece = content.subarray(at, at + pieceLength);
    pieceHashes.push(createHash('sha1').update(piece).digest());
  }
  const pieceRoots: Uint8Array[] = [];
  for (const { offset, length, padding } of id.v2 === undefined ? [] : files) {
    const data = padding ? new Uint8Array() : content.subarray(offset, offset + length);
    for (let at = 0; at < data.length; at += pieceLength)
      pieceRoots.push(pieceRootOf(leavesOf(data.subarray(at, at + pieceLength)), pieceLength, length));
  }
  return { pieceHashes: concatBytes(...pieceHashes), pieceRoots: concatBytes(...pieceRoots) };
}
